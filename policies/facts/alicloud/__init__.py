"""From Alibaba Cloud's words to neutral facts."""

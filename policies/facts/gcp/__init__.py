"""From Google Cloud's words to neutral facts."""

"""A bill for its readers: a table, JSON, Markdown for a pull request, a page that works offline."""

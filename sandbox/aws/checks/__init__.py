"""What the type tables of AWS cannot say, one module per service; the tables name the functions."""

"""What a model is sent and how it stays small."""

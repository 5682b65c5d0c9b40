"""From a question to the products and passages that fit it: words, rules, index and ranking."""

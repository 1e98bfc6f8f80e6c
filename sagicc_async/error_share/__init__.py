"""The share of a company's requests that fail, for vendors that block users for it: counted, warned of, and capped."""

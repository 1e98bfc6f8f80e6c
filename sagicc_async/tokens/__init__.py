"""Everything that a token needs: who may use it, when, and how it is renewed. Knows no HTTP."""

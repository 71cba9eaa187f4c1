"""Language and embedding models: what they are, what memory they take, which image serves them.

Data and arithmetic only, the same for every cloud: settings, components and rules read it.
"""

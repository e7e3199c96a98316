"""What the site makes of the code itself, so that it is written in one place.

| module | |
|---|---|
| `generated` | a directive whose content is Markdown that is made while the site is built |
| `docstring` | a docstring as Markdown |
| `api` | functions and classes with their docstrings; every public name must be there |
| `names` | `taylorkit.name` in backticks leads to that name |
| `specs` | the fields of each kind of spec; the specs of data/specs |
| `lists` | commands, figures, named functions |
| `mathml` | formulas as MathML, which a browser shows without scripts or a network |
"""

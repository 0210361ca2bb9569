"""From words to checked objects: `files` finds yaml, `words` composes it, `fields` checks one value, `instruments` and
`bundles` the policies, and `config` all of it.
"""

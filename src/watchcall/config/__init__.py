"""What the operator wrote: read, judged as a whole, and turned into core's types.

`locate` finds the file (and is all that a quick command imports), `load` reads every source,
`translate` hands the result on. Nothing outside this folder sees a pydantic object.
"""

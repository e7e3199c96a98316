"""The artifact: one Zarr group tree that holds everything about one run.

| module | what it knows |
|---|---|
| `layout` | groups, sections, arrays, blocks: the shape of the tree |
| `names` | what an artifact's folder is called, and what that says |
| `seal` | what a group holds, and whose it is |
| `records` | commit records: written whole, synced, self-checking |
| `compression` | what numbers may be compressed with |
| `shard` | writing one block of one array |
| `create` | making the tree, or repairing it |
| `section` | which blocks are committed; writing and checking one |
| `adopt` | taking a block that another artifact holds |
| `tree` | the groups and sections of an artifact that is there |
| `files`, `metadata`, `description`, `attributes` | what may be there, when a stranger wrote it |
| `verify` | whether everything is what was written |
| `read` | opening it as a checked xarray.Dataset |
| `listing` | what a store holds |
"""

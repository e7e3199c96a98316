"""From a program (`taylorkit.series.symbols`), one straight line a point, to a kernel over many points.

| lowering | what runs it | serves |
|---|---|---|
| `xla` | XLA, traced with whatever stands around the line | everything, on every device |
| `pallas` | one kernel on a GPU (Triton); interpreted elsewhere | lines, where it is asked for by name |
| `llvm` | machine code for this processor: vectors of points in registers, tiles in cache, all cores | lines on a CPU |

`line` writes the program out as instructions, `mathematics` the functions of degree 0 among them, `pieces` cuts what is
long, `ir` spells it for LLVM, `frame` what stands around it, `machine` makes it code, and `straight` runs it.
"""

"""Nothing lost, nothing wrong: a run is killed, its bytes are damaged, its disk fails, and it comes out the same.

    python -m tests.chaos [--quick] [--only ROW] [--count N] [--seed S] [--write]

| module | what it does |
|---|---|
| `kills` | kills a run at random instants of each step, and resumes it; `timeline` knows the steps |
| `drawing` | kills a run that draws its figures |
| `damage` | flips bits; deletes, cuts, empties and swaps files; `meaning` says what each file is for |
| `writes` | lets each call that writes fail in turn; `failing` is how |
| `reads` | lets each call that reads fail in turn |
| `disks` | a disk that fills, is read-only, or goes away in mid-run |
| `together` | many processes run one spec at once |
| `prefect_kill` | kills flows, workers and servers of Prefect |
| `elsewhere` | another process, budget, number of threads, block size, time zone, day |

`rows` lists what is done how often; `checks` is what must hold; `ledger` adds up and writes docs/chaos.md. The subjects
are in `subjects`, processes of their own are started by `process` and run `runner`.
"""

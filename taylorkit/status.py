"""What `status` says of an expansion point: 0 where nothing was found wrong, else a bit for each thing that was."""

# LATE: a loop that stops by data has stopped before the derivatives have converged.
NON_FINITE, KINK, OUTSIDE, LATE = 1, 2, 4, 8
NEVER_COMPUTED = 255

WORDS = {
    NON_FINITE: "not finite",
    KINK: "at a kink",
    OUTSIDE: "outside the domain",
    LATE: "late convergence",
}

"""Primitives that are linear: they act on each coefficient alone. Those that only move entries move symbols too."""

from taylorkit.series.registry import linear


def _first(count: int) -> range:
    return range(1)


def _first_two(count: int) -> range:
    return range(2)


def _updates(count: int) -> tuple[int, int]:
    """Operand and updates of a scatter; the indices stand between."""
    return 0, 2


linear("reshape squeeze expand_dims transpose broadcast_in_dim slice rev concatenate split stack unstack", kind="structural")
linear("gather dynamic_slice", _first, kind="structural")
linear("pad dynamic_update_slice", _first_two, kind="structural")
linear("scatter", _updates, kind="structural")
linear("scatter-add scatter_add scatter-sub scatter_sub", _updates)
linear("reduce_sum cumsum reduce_window_sum fft real imag complex conj reduce_precision optimization_barrier")
linear("convert_element_type")
linear("copy_start tie_in sharding_constraint mesh_cast")
linear("select_and_gather_add", _first)
linear("dot_general conv_general_dilated", _first_two, kind="bilinear")

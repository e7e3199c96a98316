"""Settings of XLA and JAX under which the same program has other numbers. Where all are as usual there are none."""

import os
from pathlib import Path
from typing import Any

import jax

from taylorkit import digest

FLAGS = "XLA_FLAGS"
# Where something is written, and how many threads or devices there are: no number depends on that.
HARMLESS: tuple[str, ...] = (
    "xla_dump",
    "xla_hlo_profile",
    "xla_force_host_platform",
    "xla_cpu_multi_thread",
    "xla_cpu_parallel_codegen",
)
HARMLESS += ("xla_gpu_cuda_data_dir", "xla_gpu_per_fusion_autotune_cache", "xla_gpu_force_compilation_parallelism")
# Flags that may be written out and change nothing.
USUAL = {
    "xla_allow_excess_precision": "true",
    "xla_backend_optimization_level": "3",
    "xla_cpu_enable_fast_math": "false",
}
JAX: dict[str, Any] = {
    "jax_default_matmul_precision": None,
    "jax_default_prng_impl": "threefry2x32",
    "jax_disable_jit": False,
    "jax_disable_most_optimizations": False,
    "jax_numpy_dtype_promotion": "standard",
    "jax_random_seed_offset": 0,
    "jax_threefry_partitionable": True,
}
# What a GPU's libraries are told by the environment.
GPU = ("NVIDIA_TF32_OVERRIDE",)


def arithmetic(platform: str) -> dict[str, str]:
    """The settings that change numbers on a platform, where they are not as usual; flags have the last word."""
    found = {name: _plain(getattr(jax.config, name, usual)) for name, usual in JAX.items()}
    unusual = {name: str(value) for name, value in found.items() if value != JAX[name]}
    told = {name: os.environ[name] for name in GPU if platform == "gpu" and name in os.environ}
    return unusual | told | flags(os.environ.get(FLAGS, ""))


def flags(text: str) -> dict[str, str]:
    """The flags of XLA in a text, or in the file that it names, that may change numbers: the last of each counts."""
    words = text.split()
    if words and not words[0].startswith("-"):
        return {FLAGS: digest.of_bytes(Path(words[0]).read_bytes()) if Path(words[0]).is_file() else words[0]}
    found = dict(_flag(word) for word in words)
    return {n: v for n, v in sorted(found.items()) if not n.startswith(HARMLESS) and USUAL.get(n) != v}


def _flag(word: str) -> tuple[str, str]:
    name, _, value = word.lstrip("-").partition("=")
    return name, {"": "true", "1": "true", "0": "false"}.get(value.lower(), value.lower())


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)

"""Codes of functions f(x), and edits of them: those that change a derivative, and those that change none.

A code comes with the order to which its derivatives are asked for; an edit is an old piece of text and a new one.
"""

PLAIN = """
A = 1.5

def scaled(y):
    return A * y

def f(x):
    inner = jnp.sin(2.0 * x) + x**3
    return scaled(inner) * jnp.exp(-0.5 * x)
"""
TABLE = """
NODES = np.linspace(0.1, 1.0, 50)
NODES[25] = 0.7
WEIGHTS = jnp.asarray([0.5, 0.25, 0.25])

def f(x):
    return jnp.sin(jnp.asarray(NODES) * x).sum() + jnp.polyval(WEIGHTS, x)
"""
LOOPS = """
def turn(i, s, x):
    return s * jnp.cos(s * x) + 0.1 * i

def f(x):
    first = lax.fori_loop(0, 5, lambda i, s: turn(i, s, x), x)
    last, many = lax.scan(lambda c, w: (c + w * x * c, jnp.tanh(c)), x, jnp.array([0.3, 0.2, 0.1]))
    _, fourth = lax.while_loop(lambda c: c[0] < 4, lambda c: (c[0] + 1, c[1] * jnp.sin(x + 1.0)), (0, x))
    return first + last + many[-1] + fourth
"""
BRANCHES = """
def f(x):
    a = lax.cond(x > 0.1, lambda y: y**3, lambda y: jnp.sin(y), x)
    b = jnp.where(x < 0.5, jnp.exp(x), x**2)
    c = lax.switch(1, [jnp.sin, jnp.cos, jnp.tanh], x)
    return a + b + c + jnp.clip(3.0 * x, 0.0, 1.5) + jnp.maximum(x, 0.6) * x
"""
ALGEBRA = """
M = np.array([[2.0, 1.0], [1.0, 3.0]])
RIGHT = np.array([1.0, 2.0])

def f(x):
    N = M + x * np.eye(2)
    solved = jnp.linalg.solve(N, jnp.asarray(RIGHT))
    return solved[0] + jnp.log(jnp.linalg.det(N)) + jnp.einsum("ij,j->i", N, solved)[1] * x
"""
# A rule that calls a function with a rule, six deep: depth d is first seen by the derivative of order d.
NESTED = """
def made(depth):
    @jax.custom_jvp
    def g(x):
        return jnp.sin(x)

    @g.defjvp
    def rule(primals, tangents):
        (x,), (t,) = primals, tangents
        return g(x), RULES[depth](x) * t

    return g

RULES = {
    6: lambda x: 1.0 * jnp.cos(x) + 0.1 * x**2,
    5: lambda x: 1.5 * made(6)(x) + 0.2 * x**2,
    4: lambda x: 2.0 * made(5)(x) + 0.3 * x**2,
    3: lambda x: 2.5 * made(4)(x) + 0.4 * x**2,
    2: lambda x: 3.0 * made(3)(x) + 0.5 * x**2,
    1: lambda x: 3.5 * made(2)(x) + 0.6 * x**2,
}

def f(x):
    return made(1)(x)
"""
BACKWARD = """
@jax.custom_vjp
def h(x, a):
    return jnp.sin(x) * a

def forward(x, a):
    return h(x, a), (x, a, 2.0 * jnp.cos(x))

def backward(kept, ct):
    x, a, slope = kept
    return 0.5 * slope * a * ct, jnp.sin(x) * ct

h.defvjp(forward, backward)

def f(x):
    return h(x, 1.0 + x) * jnp.exp(0.25 * x)
"""
ROOT = """
def residual(a):
    return lambda y: y**3 + a * y - 2.0

def solve(g, y0):
    return lax.fori_loop(0, 40, lambda _, y: y - g(y) / jax.grad(g)(y), y0)

def tangent(g, y):
    return y / g(jnp.ones_like(y))

def f(a):
    return lax.custom_root(residual(a), jnp.ones_like(a), solve, tangent) * jnp.exp(0.25 * a)
"""
MIXED = """
OPTIONS = {"rate": 0.25, "powers": (2, 3)}

class Model:
    shift = 0.125

    def __init__(self, gain):
        self.gain = gain

    def value(self, x, slope=0.75):
        return self.gain * jnp.tanh(x + self.shift) + slope * x**2

@jax.jit
def inner(x):
    return jnp.arctan(1.25 * x)

def closing(factor):
    def closed(x):
        return factor * x * jnp.sinh(x)
    return closed

def powers(x, first, second):
    return x**first + OPTIONS["rate"] * x**second

def f(x):
    parts = [Model(1.5).value(x), inner(x), closing(0.625)(x), partial(powers, first=2)(x, second=5)]
    many = jax.vmap(lambda w: jnp.exp(-w * x))(jnp.array([0.1, 0.2]))
    kept = lax.stop_gradient(jnp.float64(0.5)) * x
    turned = jnp.real(jnp.exp(1j * x) * (1.0 + 0.5j))
    special = jax.scipy.special.gammaln(x + 2.0) + x * jnp.sin(x) * OPTIONS["powers"][0]
    return sum(parts) + many.sum() + kept + turned + special
"""

CODES = {
    "plain": (2, PLAIN),
    "table": (2, TABLE),
    "loops": (2, LOOPS),
    "branches": (2, BRANCHES),
    "algebra": (2, ALGEBRA),
    "nested": (6, NESTED),
    "backward": (2, BACKWARD),
    "root": (2, ROOT),
    "mixed": (2, MIXED),
}

CHANGING: dict[str, list[tuple[str, str]]] = {
    "plain": [
        ("A = 1.5", "A = 1.25"),
        ("A = 1.5", "A = 1.5000000000000002"),
        ("2.0 * x", "2.5 * x"),
        ("x**3", "x**4"),
        ("jnp.sin", "jnp.cos"),
        ("jnp.exp", "jnp.tanh"),
        ("-0.5 * x", "0.5 * x"),
        ("+ x**3", "- x**3"),
        (") * jnp.exp", ") + jnp.exp"),
        ("A * y", "A * y * y"),
        ("return scaled(inner)", "return inner"),
        ("x**3", "lax.stop_gradient(x**3)"),
        ("def f(x):", "def f(x):\n    x = x + 1e-9"),
        ("x**3", "x**3 + jnp.float32(0.1) * x"),
    ],
    "table": [
        ("0.7", "0.7000001"),
        ("[25]", "[26]"),
        ("0.1, 1.0", "0.2, 1.0"),
        ("50)", "51)"),
        ("0.25, 0.25", "0.25, 0.26"),
        (".sum()", ".mean()"),
        ("jnp.asarray(NODES) * x", "jnp.asarray(NODES)[::2] * x"),
        ("jnp.asarray(NODES)", "jnp.asarray(NODES, jnp.float32)"),
        ("polyval(WEIGHTS, x)", "polyval(WEIGHTS[::-1], x)"),
    ],
    "loops": [
        ("0, 5", "0, 6"),
        ("0, 5", "1, 5"),
        ("jnp.cos", "jnp.sin"),
        ("0.1 * i", "0.1 * x * i"),
        ("0.1 * i", "0.2 * i"),
        ("0.2, 0.1", "0.1, 0.2"),
        ("0.3, 0.2, 0.1", "0.3, 0.2, 0.1, 0.1"),
        ("w * x * c", "w * x"),
        ("many[-1]", "many[0]"),
        ("< 4", "< 5"),
        ("x + 1.0", "x + 2.0"),
    ],
    "branches": [
        ("x > 0.1", "x > 0.5"),
        ("y**3", "y**5"),
        ("x < 0.5", "x < 0.2"),
        ("jnp.exp(x)", "jnp.expm1(2 * x)"),
        ("x**2)", "x**4)"),
        ("switch(1", "switch(2"),
        ("jnp.cos, jnp.tanh", "jnp.tanh, jnp.cos"),
        ("0.0, 1.5", "0.0, 0.5"),
        ("x, 0.6", "x, 0.8"),
    ],
    "algebra": [
        ("[2.0, 1.0]", "[2.5, 1.0]"),
        ("[1.0, 3.0]", "[1.5, 3.0]"),
        ("[1.0, 2.0]", "[1.0, 2.5]"),
        ("solved[0]", "solved[1]"),
        ("np.eye(2)", "np.ones((2, 2))"),
        ("jnp.log(jnp", "jnp.sqrt(jnp"),
        ("[1] * x", "[0] * x"),
        ("M + x", "M.T @ M + x"),
    ],
    "nested": [
        *(
            (f"{c} * made({d})", f"{c + 0.25} * made({d})")
            for c, d in zip((1.5, 2.0, 2.5, 3.0, 3.5), (6, 5, 4, 3, 2), strict=True)
        ),
        *((f"{c} * x**2", f"{c} * x**3") for c in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)),
        *((f"{c} * x**2", f"{c} * lax.stop_gradient(x**2)") for c in (0.2, 0.3, 0.4, 0.5, 0.6)),
        ("1.0 * jnp.cos(x)", "1.0 * jnp.sin(x)"),
        ("1.0 * jnp.cos(x)", "1.0000001 * jnp.cos(x)"),
        ("made(6)(x) +", "made(6)(x + 0.001) +"),
        ("made(4)(x) +", "jnp.sin(x) +"),
        ("return jnp.sin(x)", "return jnp.cos(x)"),
    ],
    "backward": [
        ("jnp.sin(x) * a", "jnp.sin(x) * a * a"),
        ("2.0 * jnp.cos", "2.5 * jnp.cos"),
        ("0.5 * slope", "0.25 * slope"),
        ("jnp.sin(x) * ct", "jnp.tanh(x) * ct"),
        ("slope * a * ct", "slope * ct"),
        ("0.25 * x", "0.5 * x"),
        ("1.0 + x", "1.5 + x"),
    ],
    "root": [
        ("- 2.0", "- 3.0"),
        ("y**3", "y**5"),
        ("a * y", "a * a * y"),
        ("y / g(", "2.0 * y / g("),
        ("0.25 * a", "0.5 * a"),
    ],
    "mixed": [
        ("0.25, ", "0.5, "),
        ("(2, 3)", "(4, 3)"),
        ("0.125", "0.25"),
        ("0.75", "0.5"),
        ("Model(1.5)", "Model(1.25)"),
        ("arctan", "arcsinh"),
        ("1.25 * x", "1.75 * x"),
        ("0.625", "0.6250001"),
        ("first=2", "first=3"),
        ("second=5", "second=7"),
        ("0.1, 0.2", "0.1, 0.3"),
        ("-w * x", "-w * x * x"),
        ("jnp.float64(0.5)", "jnp.float64(0.625)"),
        ("0.5j", "0.25j"),
        ("jnp.real", "jnp.imag"),
        ("gammaln(x + 2.0)", "digamma(x + 2.0)"),
    ],
}

KEEPING: dict[str, list[tuple[str, str]]] = {
    "plain": [
        ("A = 1.5", "A = 3 / 2"),
        ("A = 1.5", "# A factor\nA = 1.5  # as measured"),
        ("A = 1.5", "A = float('1.5')"),
        ("A = 1.5", "A = 1.0 + 0.5"),
        ("A = 1.5", "B = 7.0\nA = 1.5\nunused = [B] * 3"),
        ("A = 1.5\n\ndef scaled(y):\n    return A * y\n", "def scaled(y):\n    return A * y\n\nA = 1.5\n"),
        ("def scaled(y):\n    return A * y", "scaled = lambda anything: A * anything"),
        ("def scaled(y):", 'def scaled(y: "number") -> "number":\n    """A times y."""'),
        ("    return A * y", "    factor = A\n    result = factor * y\n    return result"),
        ("inner = jnp.sin(2.0 * x) + x**3", "inner = (\n        jnp.sin(2.0 * x)\n        + x**3\n    )"),
        ("    inner = jnp", "    dead = jnp.exp(x) * 3.0\n    inner = jnp"),
        ("2.0 * x", "2 * x"),
        ("2.0 * x", "(1.0 + 1.0) * x"),
        ("x**3", "x ** (2 + 1)"),
        ("jnp.exp(-0.5 * x)", "jnp.exp(-(1 / 2) * x)"),
        ("def f(x):", "import math\nimport os.path\n\ndef f(x):"),
        ("def f(x):", "def g(x):\n    return x + 1\n\nclass C:\n    pass\n\ndef f(x):"),
        ("def f(x):", "def f(argument):\n    x = argument"),
        ("def f(x):", "def f(x, unused=3, *more, **options):"),
        ("def f(x):", "\n\n\n\n\ndef f(x):  # moved down"),
        ("def f(x):", "def f(x):\n    if False:\n        return 0.0 * x"),
        ("def f(x):", "def f(x):\n    assert A > 0\n    for _ in range(3):\n        pass"),
    ],
    "table": [
        ("NODES[25] = 0.7", "NODES[-25] = 7 / 10"),
        ("NODES[25] = 0.7", "NODES = np.concatenate([NODES[:25], [0.7], NODES[26:]])"),
        ("jnp.asarray([0.5, 0.25, 0.25])", "np.array([0.5, 0.25, 0.25])"),
        ("jnp.asarray([0.5, 0.25, 0.25])", "jnp.array([2.0, 1.0, 1.0]) / 4"),
        ("NODES = np.linspace(0.1, 1.0, 50)", "NODES = np.array(list(np.linspace(0.1, 1.0, 50)))"),
    ],
    "loops": [
        (
            "def turn(i, s, x):\n    return s * jnp.cos(s * x) + 0.1 * i",
            "turn = lambda k, value, at: value * jnp.cos(value * at) + 0.1 * k",
        ),
        ("    first = lax", "    unused, also = x * 2.0, jnp.cos(x)\n    first = lax"),
        ("lambda c: c[0] < 4", "lambda state: state[0] < 2 + 2"),
        ("0, 5", "0, len('five!')"),
    ],
    "branches": [
        ("lambda y: y**3", "lambda z: z**3"),
        ("[jnp.sin, jnp.cos, jnp.tanh]", "[lambda y: jnp.sin(y), jnp.cos, jnp.tanh]"),
    ],
    "algebra": [
        ("M = np.array([[2.0, 1.0], [1.0, 3.0]])", "M = np.diag([2.0, 3.0]) + np.fliplr(np.eye(2))"),
        ("solved = ", "other = jnp.linalg.inv(N)\n    solved = "),
    ],
    "nested": [
        (
            "def rule(primals, tangents):\n        (x,), (t,) = primals, tangents",
            "def another(values, steps):\n        (x,), (t,) = values, steps",
        ),
        ("return jnp.sin(x)", "dead = jnp.exp(x)\n        return jnp.sin(x)"),
        ("6: lambda x: 1.0 * jnp.cos(x) + 0.1 * x**2,", "6: lambda y: 1.0 * jnp.cos(y) + (1 / 10) * y**2,  # the last"),
        ("5: lambda x: 1.5 * made(6)(x)", "5: lambda x: (3 / 2) * made(6)(x)"),
        ("4: lambda x: 2.0 * made(5)(x) + 0.3 * x**2", "4: lambda x: (jnp.exp(x), 2.0 * made(5)(x) + 0.3 * x**2)[1]"),
        (
            "return g(x), RULES[depth](x) * t",
            "unused, found = x * 2.0, (g(x), RULES[depth](x) * t)\n        return found",
        ),
        ("RULES = {", "# What each rule computes.\nRULES = {"),
    ],
    "backward": [
        ("def forward(x, a):", "def forward(x, a):\n    unused = jnp.tanh(x)"),
        ("    x, a, slope = kept\n", "    # as kept\n    x, a, slope = kept[0], kept[1], kept[2]\n"),
        ("h.defvjp(forward, backward)", "ahead, back = forward, backward\nh.defvjp(ahead, back)"),
        ("0.5 * slope", "(1 / 2) * slope"),
    ],
    "root": [
        (
            "def residual(a):\n    return lambda y: y**3 + a * y - 2.0",
            "def residual(b):\n    def of(z):\n        return z**3 + b * z - 2.0\n    return of",
        ),
    ],
    "mixed": [
        ("factor * x * jnp.sinh(x)", "(factor * x) * jnp.sinh(x)"),
        ("self.gain = gain", "self.other, self.gain = 5.0, gain"),
        ("partial(powers, first=2)(x, second=5)", "powers(x, 2, 5)"),
    ],
}

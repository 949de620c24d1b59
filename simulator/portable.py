"""Exponential, logarithm and inverse normal in plain arithmetic: the same bits on every machine.

Vectorised library versions change their last bits with the processor (AVX2, AVX-512); these use
only + - * / and the exact operations floor, frexp, ldexp and square root. Arguments and results are
arrays of float64 (scalars are taken as arrays without dimensions).

Sources: fdlibm e_exp.c and e_log.c (Sun Microsystems, 1993); M. J. Wichura, Algorithm AS 241
(PPND16), Applied Statistics 37 (1988).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Number = TypeVar("Number", float, FloatArray)
Given = ParamSpec("Given")
Result = TypeVar("Result")

LARGEST = 700.0
SQRT_HALF = 0.7071067811865476
CENTRE, HALF_CENTRE, FAR_FROM = 0.180625, 0.425, 5.0
"""Bounds of the three parts of the inverse normal: the first is the square of the second."""

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
INVERSE_LN2 = 1.44269504088896338700
_EXP = (
    1.66666666666666019037e-01,
    -2.77777777770155933842e-03,
    6.61375632143793436117e-05,
    -1.65339022054652515390e-06,
    4.13813679705723846039e-08,
)
_LOG = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
CENTRAL = (
    (
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    ),
    (
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    ),
)
MIDDLE = (
    (
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ),
    (
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ),
)
FAR = (
    (
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ),
    (
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ),
)


_MACHINE_CODE: dict[str, Callable[..., Any]] = {}


def accelerate(**functions: Callable[..., Any]) -> None:
    """Let machine code compute some of the functions from now on; it must give the same bits."""
    _MACHINE_CODE.update(functions)


def accelerable(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Make a function give way to its machine code, once there is some."""

    @wraps(function)
    def found(*given: Given.args, **named: Given.kwargs) -> Result:
        result: Result = _MACHINE_CODE.get(function.__name__, function)(*given, **named)
        return result

    return found


@accelerable
def exp(x: npt.ArrayLike) -> FloatArray:
    """E to the power x, for x between -700 and 700; beyond, x is held at the bound."""
    x = np.clip(np.asarray(x, dtype=np.float64), -LARGEST, LARGEST)
    k = np.floor(x * INVERSE_LN2 + 0.5)
    return np.ldexp(exp_rest(x, k), k.astype(np.int64))


@accelerable
def log(x: npt.ArrayLike) -> FloatArray:
    """Natural logarithm of x > 0."""
    mantissa, exponent = np.frexp(np.asarray(x, dtype=np.float64))
    small = mantissa < SQRT_HALF
    f = np.where(small, 2.0 * mantissa, mantissa) - 1.0
    return log_sum(f, exponent - small.astype(np.float64))


@accelerable
def normal_quantile(p: npt.ArrayLike) -> FloatArray:
    """The standard normal number below which a share p, 0 < p < 1, of the law lies."""
    p = np.asarray(p, dtype=np.float64)
    q = p - 0.5
    result: FloatArray = np.asarray(q * ratio(CENTRAL, CENTRE - q * q))
    outside = np.abs(q) > HALF_CENTRE
    if outside.any():
        tail = np.minimum(p[outside], 1.0 - p[outside])
        r = np.sqrt(-log(tail))
        size = np.where(r <= FAR_FROM, ratio(MIDDLE, r - 1.6), ratio(FAR, r - FAR_FROM))
        result[outside] = np.where(q[outside] < 0.0, -size, size)
    return result


def total(values: FloatArray) -> FloatArray:
    """Sum over the last axis in its order: the same bits however the array lies in memory."""
    result: FloatArray = np.cumsum(values, axis=-1)[..., -1]
    return result


def log_factor(sigma: Number | float, normal: Number) -> Number:
    """Log of a lognormal number of mean 1, from a standard normal one."""
    return sigma * normal - 0.5 * sigma * sigma


def exp_rest(x: Number, k: Number) -> Number:
    """E to the power x - k ln 2."""
    high = x - k * _LN2_HIGH
    low = k * _LN2_LOW
    r = high - low
    square = r * r
    c = r - square * polynomial(_EXP, square)
    return 1.0 - ((low - (r * c) / (2.0 - c)) - high)


def log_sum(f: Number, k: Number) -> Number:
    """Logarithm of (1 + f) 2^k."""
    s = f / (2.0 + f)
    square = s * s
    remainder = square * polynomial(_LOG, square)
    half = 0.5 * f * f
    return k * _LN2_HIGH - ((half - (s * (half + remainder) + k * _LN2_LOW)) - f)


def polynomial(coefficients: tuple[float, ...], x: Number) -> Number:
    """Value at x of the polynomial with the constant first (Horner)."""
    value = x * coefficients[-1]
    value += coefficients[-2]
    for coefficient in coefficients[-3::-1]:
        value *= x
        value += coefficient
    return value


def ratio(pair: tuple[tuple[float, ...], tuple[float, ...]], x: Number) -> Number:
    """Ratio of two polynomials."""
    return polynomial(pair[0], x) / polynomial(pair[1], x)

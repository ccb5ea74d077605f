#!/usr/bin/env python3
"""Writes what the tests of apply with activations and residuals read: python3 make_fused_fixtures.py ../resources

apply/fused.txt has a line per case, its name and arguments; the .npz of that name holds the input files, and expected/ results
that are computed here in long double precision, Gauss's integral with mpmath, straight from the definitions.
"""
import pathlib
import sys

import mpmath
import numpy as np

FOLDER = pathlib.Path(sys.argv[1]) / 'apply'
EPS = np.longdouble(1e-5)


def gauss(z):
    return np.vectorize(lambda v: np.longdouble(str(mpmath.ncdf(mpmath.mpf(str(v))))), otypes=[np.longdouble])(z)


def logistic(z):
    return 1 / (1 + np.exp(-z))


PI = np.longdouble('3.14159265358979323846264338327950288')
VALUES = {
    None: lambda z: z,
    'relu': lambda z: np.maximum(z, 0),
    'leaky_relu(0.2)': lambda z: np.where(z > 0, z, np.longdouble(0.2) * z),
    'gelu': lambda z: z * gauss(z),
    'gelu_tanh': lambda z: z / 2 * (1 + np.tanh(np.sqrt(2 / PI) * (z + np.longdouble('0.044715') * z ** 3))),
    'silu': lambda z: z * logistic(z),
    'sigmoid': logistic,
    'tanh': np.tanh,
}
SLOPES = {
    None: np.ones_like,
    'relu': lambda z: (z > 0) * np.longdouble(1),
    'gelu': lambda z: gauss(z) + z * np.exp(-z * z / 2) / np.sqrt(2 * PI),
    'silu': lambda z: logistic(z) * (1 + z * (1 - logistic(z))),
    'tanh': lambda z: 1 - np.tanh(z) ** 2,
}


def case(name, op, shape, dtype, axes, parameter_axes, before=None, after=None, residual=False, backward=False,
         options=()):
    """axes are those a set has, parameter_axes those that share a scale and shift."""
    rng = np.random.default_rng(list(name.encode()))
    inputs = {'x': rng.normal(0.5, 2, shape).astype(dtype)}
    parameter_shape = tuple(n for i, n in enumerate(shape) if i not in parameter_axes)
    broadcast = tuple(1 if i in parameter_axes else n for i, n in enumerate(shape))
    inputs['scale'] = rng.normal(1, 0.5, parameter_shape).astype(dtype)
    inputs['shift'] = rng.normal(0, 1, parameter_shape).astype(dtype)
    if residual:
        inputs['residual'] = rng.normal(0, 1, shape).astype(dtype)
    if backward:
        inputs['dy'] = rng.normal(0, 1, shape).astype(dtype)
        if residual:
            inputs['dsum'] = rng.normal(0, 1, shape).astype(dtype)
    wide = {key: value.astype(np.longdouble) for key, value in inputs.items()}
    # The sum is rounded: it is a tensor of its own.
    total = (inputs['x'] + inputs['residual']).astype(np.longdouble) if residual else wide['x']
    a = VALUES[before](total)
    mean = 0 if op == 'rms_norm' else np.mean(a, axes, keepdims=True)
    rstd = 1 / np.sqrt(np.mean((a - mean) ** 2, axes, keepdims=True) + EPS)
    xhat = (a - mean) * rstd
    scale, shift = wide['scale'].reshape(broadcast), wide['shift'].reshape(broadcast)
    z = xhat * scale + shift
    if backward:
        dz = wide['dy'] * SLOPES[after](z)
        g = dz * scale
        dx = g - xhat * np.mean(g * xhat, axes, keepdims=True)
        if op != 'rms_norm':
            dx -= np.mean(g, axes, keepdims=True)
        expected = {'dx': dx * rstd * SLOPES[before](total) + wide.get('dsum', 0),
                    'dscale': np.sum(dz * xhat, parameter_axes), 'dshift': np.sum(dz, parameter_axes)}
    else:
        expected = {'y': VALUES[after](z), 'rstd': np.squeeze(rstd, axes)}
        if op != 'rms_norm':
            expected['mean'] = np.squeeze(mean, axes)
        if residual:
            expected['sum'] = total
    arguments = [op, '--mode', 'backward' if backward else 'train', *options]
    arguments += ['--activation', after] if after else []
    arguments += ['--activation-before', before] if before else []
    for key in inputs:
        arguments += ['--' + key, f'{key}.npy']
    np.savez_compressed(FOLDER / f'{name}.npz', **inputs,
                        **{'expected/' + key: np.asarray(array, 'f8') for key, array in expected.items()})
    with open(FOLDER / 'fused.txt', 'a') as file:
        print(name, *arguments, file=file)


(FOLDER / 'fused.txt').unlink(missing_ok=True)
for activation in filter(None, VALUES):
    case(f'fused-{activation}', 'layer_norm', (5, 12), 'f4', (1,), (0,), after=activation)
case('fused-residual', 'layer_norm', (5, 12), 'f8', (1,), (0,), after='gelu', residual=True)
case('fused-f2', 'rms_norm', (5, 12), 'f2', (1,), (0,), after='silu')
case('fused-residual-backward', 'layer_norm', (5, 12), 'f8', (1,), (0,), after='gelu', residual=True, backward=True)
case('fused-residual-alone-backward', 'rms_norm', (7, 9), 'f4', (1,), (0,), residual=True, backward=True)
case('fused-before', 'batch_norm', (4, 3, 7), 'f8', (0, 2), (0, 2), before='silu')
case('fused-both-backward', 'batch_norm', (4, 3, 7), 'f8', (0, 2), (0, 2), before='silu', after='tanh', backward=True)
case('fused-instance-backward', 'instance_norm', (4, 7, 3), 'f4', (1,), (0, 1), after='relu', backward=True,
     options=('--layout', 'nxc'))

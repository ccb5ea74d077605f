#!/usr/bin/env python3
"""Writes what the test of apply reads for techniques beside the five operations:

python3 make_technique_fixtures.py ../resources

apply/techniques.txt has a line per case, its name and arguments; the .npz of that name holds the input files, and
expected/ results that are computed here in long double precision straight from the definitions. Gradients are central
differences of these definitions in long double, so that they share nothing with formulas for gradients.
"""
import pathlib
import sys

import numpy as np

FOLDER = pathlib.Path(sys.argv[1]) / 'apply'
LONG = np.longdouble


def others(x, dim):
    return tuple(i for i in range(x.ndim) if i != dim % x.ndim)


def broadcast(values, x, dim):
    shape = [1] * x.ndim
    shape[dim % x.ndim] = -1
    return values.reshape(shape)


def weight_norm(dim):
    def forward(x, scale):
        return x * broadcast(scale, x, dim) / np.sqrt((x * x).sum(others(x, dim), keepdims=True))
    return forward


def weight_standardization(convention, dim):
    def forward(x, scale=None):
        axes = others(x, dim)
        n = x.size // x.shape[dim]
        d = x - x.mean(axes, keepdims=True)
        variance = (d * d).mean(axes, keepdims=True)
        spread = {'deviation': np.sqrt(variance * n / LONG(n - 1)) + LONG(1e-5),
                  'root': np.sqrt(variance + LONG(1e-10)),
                  'scaled': np.sqrt(np.maximum(variance * n, LONG(1e-4)))}[convention]
        return d / spread * (1 if scale is None else broadcast(scale, x, dim))
    return forward


def local_response_norm(size, alpha, beta, k, within, layout, even='below', sums=False):
    def forward(x):
        first = np.moveaxis(x, -1, 1) if layout == 'nxc' else x
        axes = range(2, x.ndim) if within else [1]
        low, high = {'above': (size // 2 - 1, size // 2), 'below': (size // 2, size // 2 - 1),
                     'narrow': (size // 2 - 1, size // 2 - 1)}[even] if size % 2 == 0 else (size // 2, size // 2)
        total = first * first
        count = 1
        for axis in axes:
            padded = np.pad(total, [(low, high) if i == axis else (0, 0) for i in range(x.ndim)])
            total = sum(np.take(padded, range(s, s + first.shape[axis]), axis) for s in range(low + high + 1))
            count *= size
        y = first / (LONG(k) + LONG(alpha) / (1 if sums else count) * total) ** LONG(beta)
        return np.moveaxis(y, 1, -1) if layout == 'nxc' else y
    return forward


def lp_norm(p, axis):
    def forward(x):
        norm = abs(x).max(axis, keepdims=True)
        if p != np.inf:
            norm = (abs(x) ** LONG(p)).sum(axis, keepdims=True) ** (1 / LONG(p))
        return x / np.maximum(norm, LONG(1e-12))
    return forward


def scale_norm(x, scale):
    return scale * x / np.sqrt((x * x).sum(-1, keepdims=True) + LONG(1e-10))


def mean_variance_norm(axes):
    def forward(x):
        d = x - x.mean(axes, keepdims=True)
        return d / np.sqrt((d * d).mean(axes, keepdims=True) + LONG(1e-9))
    return forward


def standardization(x):
    return (x - x.mean(0)) / x.std(0)


def min_max(low, high):
    return lambda x: (x - x.min(0)) / (x.max(0) - x.min(0)) * LONG(high - low) + LONG(low)


def gradient(forward, inputs, name, dy):
    """Differences of fourth order, whose error is far below what f4 can tell."""
    def value(step, index):
        moved = {key: array.copy() for key, array in inputs.items()}
        moved[name][index] += step
        return (forward(**moved) * dy).sum()
    h = LONG(2) ** -10
    result = np.zeros_like(inputs[name])
    for index in np.ndindex(result.shape):
        near = value(h, index) - value(-h, index)
        far = value(2 * h, index) - value(-2 * h, index)
        result[index] = (8 * near - far) / (12 * h)
    return result


def case(name, op, shape, forward, options=(), scale=None, dtype='f4', mode='train', extra=None):
    rng = np.random.default_rng(list(name.encode()))
    inputs = {'x': rng.normal(0.5, 2, shape).astype(dtype)}
    if scale:
        inputs['scale'] = rng.normal(1, 0.5, scale).astype(dtype)
    wide = {key: array.astype(LONG) for key, array in inputs.items()}
    if mode == 'backward':
        inputs['dy'] = rng.normal(0.3, 1, shape).astype(dtype)
        dy = inputs['dy'].astype(LONG)
        expected = {'d' + key: gradient(forward, wide, key, dy) for key in wide}
    else:
        expected = {'y': forward(**wide), **(extra(**wide) if extra else {})}
    arguments = [op, '--mode', mode, *options]
    for key in inputs:
        arguments += ['--' + key, f'{key}.npy']
    results = {'expected/' + key: np.asarray(array, 'f8') for key, array in expected.items()}
    np.savez_compressed(FOLDER / f'{name}.npz', **inputs, **results)
    with open(FOLDER / 'techniques.txt', 'a') as file:
        print(name, *arguments, file=file)


def both(name, op, shape, forward, options=(), scale=None, extra=None):
    for dtype in ('f4', 'f8'):
        case(f'{name}-train-{dtype}', op, shape, forward, options, scale, dtype, extra=extra)
    case(f'{name}-backward', op, shape, forward, options, scale, 'f4', 'backward')


(FOLDER / 'techniques.txt').unlink(missing_ok=True)
for dim in (0, 1, -1):
    shape = (4, 3, 5)
    options = ('--dim', str(dim))
    both(f'weight_norm-dim{dim}', 'weight_norm', shape, weight_norm(dim), options, shape[dim],
         extra=lambda x, scale: {'scale': scale})
    for convention in ('deviation', 'root', 'scaled'):
        axes = others(np.zeros(shape), dim)
        both(f'weight_standardization-{convention}-dim{dim}', 'weight_standardization', shape,
             weight_standardization(convention, dim), options + ('--convention', convention), shape[dim],
             extra=lambda x, scale, axes=axes: {'mean': x.mean(axes), 'var': x.var(axes)})
for layout, shape in (('ncx', (2, 6, 4, 3)), ('nxc', (2, 4, 3, 6))):
    both(f'local_response_norm-{layout}', 'local_response_norm', shape,
         local_response_norm(5, 0.3, 0.75, 1, False, layout),
         ('--layout', layout, '--size', '5', '--alpha', '0.3'))
    both(f'local_response_norm-within-{layout}', 'local_response_norm', shape,
         local_response_norm(3, 0.3, 0.6, 2, True, layout, sums=True),
         ('--layout', layout, '--size', '3', '--alpha', '0.3', '--alpha-of', 'sum', '--beta', '0.6', '--k', '2',
          '--within-channel'))
for even in ('above', 'below', 'narrow'):
    both(f'local_response_norm-{even}', 'local_response_norm', (1, 7, 5),
         local_response_norm(4, 0.3, 0.5, 1, False, 'ncx', even),
         ('--size', '4', '--alpha', '0.3', '--beta', '0.5', '--even', even))
for p in (1, 2, 3, np.inf):
    both(f'lp_norm-{p}', 'lp_norm', (4, 5, 6), lp_norm(p, 1),
         ('--axis', '1', '--p', 'Infinity' if p == np.inf else str(p)))
both('scale_norm', 'scale_norm', (4, 9), scale_norm, scale=1,
     extra=lambda x, scale: {'rstd': np.sqrt(LONG(9)) / np.sqrt((x * x).sum(-1) + LONG(1e-10))})
for name, axes in (('channels', (0, 2, 3)), ('sample', (1, 2, 3)), ('places', (2, 3)), ('turns', (1, 3))):
    both(f'mean_variance_norm-{name}', 'mean_variance_norm', (2, 3, 4, 5), mean_variance_norm(axes),
         () if name == 'channels' else ('--axes', ','.join(map(str, axes))),
         extra=lambda x, axes=axes: {'mean': x.mean(axes), 'rstd': 1 / np.sqrt(x.var(axes) + LONG(1e-9))})
for dtype in ('f4', 'f8'):
    case(f'standardization-{dtype}', 'standardization', (40, 5), standardization, dtype=dtype)
    case(f'min_max_scaling-{dtype}', 'min_max_scaling', (40, 5), min_max(-1, 3), ('--range', '-1,3'), dtype=dtype)


def spectral_case(name, dtype):
    """A singular value of 10, others of 1 and less, so that iterations come to rest."""
    rng = np.random.default_rng(7)
    left, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    right, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    x = ((left[:, :4] * [10, 1, 0.5, 0.1]) @ right.T).astype(dtype)
    sigma = np.linalg.svd(x.astype('f8'))[1][0]
    np.savez_compressed(FOLDER / f'{name}.npz', x=x, **{'expected/y': x.astype('f8') / sigma,
                                                        'expected/sigma': np.array([sigma])})
    with open(FOLDER / 'techniques.txt', 'a') as file:
        print(name, 'spectral_norm', '--x', 'x.npy', '--iterations', '50', file=file)


spectral_case('spectral_norm-f4', 'f4')
spectral_case('spectral_norm-f8', 'f8')

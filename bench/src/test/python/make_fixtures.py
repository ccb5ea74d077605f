#!/usr/bin/env python3
"""Writes the .npy files that the tests of the command line read: python3 make_fixtures.py ../resources

npy/    files as NumPy writes them, in every version, order and type the reader knows
apply/  cases.txt has a line per case, its name and arguments; the .npz of that name holds the input files, and expected/
        results that are computed here in long double precision straight from the definitions
"""
import pathlib
import sys

import numpy as np

RESOURCES = pathlib.Path(sys.argv[1])
EPS = 1e-5


def save(path, array, version=(1, 0)):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'wb') as file:
        np.lib.format.write_array(file, array, version)


def npy_files():
    values = np.array([[0.5, -1.25, 3], [1e-3, 65504, -0.0]])
    for kind in ('f2', 'f4', 'f8'):
        for order in '<>':
            name = kind + ('-little' if order == '<' else '-big')
            save(RESOURCES / 'npy' / f'{name}.npy', values.astype(order + kind))
            save(RESOURCES / 'npy' / f'{name}-fortran.npy', np.asfortranarray(values.astype(order + kind)))
    save(RESOURCES / 'npy' / 'version2.npy', values.astype('<f4'), (2, 0))
    save(RESOURCES / 'npy' / 'version3.npy', values.astype('<f4'), (3, 0))
    cube = np.arange(24, dtype='<f4').reshape(2, 3, 4)
    save(RESOURCES / 'npy' / 'cube-fortran.npy', np.asfortranarray(cube))
    save(RESOURCES / 'npy' / 'scalar.npy', np.array(2.5))
    save(RESOURCES / 'npy' / 'empty.npy', np.zeros((3, 0, 2), '<f4'))
    save(RESOURCES / 'npy' / 'vector.npy', np.array([1, 2, 3, 4, 5], '<f8'))
    save(RESOURCES / 'npy' / 'int32.npy', np.arange(6, dtype='<i4').reshape(2, 3))
    save(RESOURCES / 'npy' / 'structure.npy', np.zeros(2, dtype=[('a', '<f4'), ('b', '<f4')]))


def channels_first(x, layout):
    return np.moveaxis(x, -1, 1) if layout == 'nxc' else x


def channels_back(x, layout):
    return np.moveaxis(x, 1, -1) if layout == 'nxc' else x


class Norm:
    """An operation on a tensor brought to a form in which statistics broadcast against it."""

    def __init__(self, op, x, layout, normalized=1, groups=1):
        self.op, self.layout = op, layout
        self.shape = x.shape
        if op in ('layer_norm', 'rms_norm'):
            self.axes = tuple(range(x.ndim - normalized, x.ndim))
            self.parameter_shape = x.shape[x.ndim - normalized:]
            self.parameter_form = self.parameter_shape
            self.parameter_axes = tuple(range(x.ndim - normalized))
            self.statistic_shape = x.shape[:x.ndim - normalized] or (1,)
            return
        first = channels_first(x, layout)
        n, c = first.shape[:2]
        spatial = first.shape[2:]
        groups = c if op == 'instance_norm' else groups
        if op == 'batch_norm':
            self.form = first.shape
            self.axes = (0,) + tuple(range(2, first.ndim))
            self.statistic_shape = (c,)
            self.parameter_form = (1, c) + (1,) * len(spatial)
        else:
            self.form = (n, groups, c // groups) + spatial
            self.axes = tuple(range(2, len(self.form)))
            self.statistic_shape = (n, groups)
            self.parameter_form = (1, groups, c // groups) + (1,) * len(spatial)
        self.first_shape = first.shape
        self.parameter_shape = (c,)
        self.parameter_axes = tuple(i for i, length in enumerate(self.parameter_form) if length == 1 and (
            i == 0 or i > len(self.parameter_form) - 1 - len(spatial)))

    def enter(self, x):
        x = x.astype(np.longdouble)
        return x if not hasattr(self, 'form') else channels_first(x, self.layout).reshape(self.form)

    def leave(self, x):
        return x if not hasattr(self, 'form') else channels_back(x.reshape(self.first_shape), self.layout)

    def parameter(self, p, default):
        return default if p is None else p.astype(np.longdouble).reshape(self.parameter_form)

    def statistics(self, x):
        x = self.enter(x)
        if self.op == 'rms_norm':
            return 0.0, np.mean(x * x, self.axes, keepdims=True)
        mean = np.mean(x, self.axes, keepdims=True)
        return mean, np.mean((x - mean) ** 2, self.axes, keepdims=True)

    def given(self, statistic):
        form = np.mean(self.enter(np.zeros(self.shape)), self.axes, keepdims=True).shape
        return statistic.astype(np.longdouble).reshape(form)

    def forward(self, x, mean, rstd, scale, shift):
        return self.leave((self.enter(x) - mean) * rstd * self.parameter(scale, 1.0) + self.parameter(shift, 0.0))

    def backward(self, x, dy, mean, rstd, scale, frozen):
        x, dy = self.enter(x), self.enter(dy)
        xhat = (x - mean) * rstd
        g = dy * self.parameter(scale, 1.0)
        dx = g.copy()
        if not frozen:
            if self.op != 'rms_norm':
                dx -= np.mean(g, self.axes, keepdims=True)
            dx -= xhat * np.mean(g * xhat, self.axes, keepdims=True)
        return (self.leave(dx * rstd), np.sum(dy * xhat, self.parameter_axes).reshape(self.parameter_shape),
                np.sum(dy, self.parameter_axes).reshape(self.parameter_shape))


def write_case(name, arguments, inputs, expected):
    for key in inputs:
        arguments += ['--' + key.replace('_', '-'), f'{key}.npy']
    folder = RESOURCES / 'apply'
    folder.mkdir(parents=True, exist_ok=True)
    results = {'expected/' + key: np.asarray(array, 'f8') for key, array in expected.items()}
    np.savez_compressed(folder / f'{name}.npz', **inputs, **results)
    with open(folder / 'cases.txt', 'a') as file:
        print(name, *arguments, file=file)


def case(name, op, mode, shape, dtype, layout=None, normalized=None, groups=None, affine='both', given=None,
         frozen=False, running=False, options=(), momentum=0.1, unbiased=True, offset=1.5, eps=EPS):
    rng = np.random.default_rng(list(name.encode()))
    x = rng.normal(offset, 2, shape).astype(dtype)
    norm = Norm(op, x, layout, normalized or 1, groups or 1)
    arguments = [op, '--mode', mode] + list(options)
    if layout:
        arguments += ['--layout', layout]
    if normalized:
        arguments += ['--normalized-shape', 'x'.join(map(str, shape[-normalized:]))]
    if groups:
        arguments += ['--groups', str(groups)]
    if eps != EPS:
        arguments += ['--eps', repr(eps)]
    if frozen:
        arguments += ['--frozen']
    inputs = {'x': x}
    scale = shift = None
    if affine in ('both', 'scale'):
        scale = inputs['scale'] = rng.normal(1, 0.5, norm.parameter_shape).astype(dtype)
    if affine in ('both', 'shift'):
        shift = inputs['shift'] = rng.normal(0, 1, norm.parameter_shape).astype(dtype)
    mean, variance = norm.statistics(x)
    if running:
        r_mean = inputs['running_mean'] = rng.normal(1, 1, norm.statistic_shape).astype(dtype)
        r_var = inputs['running_var'] = rng.uniform(1, 5, norm.statistic_shape).astype(dtype)
    if given == 'running':
        mean, variance = norm.given(r_mean), norm.given(r_var)
    elif given:
        if op != 'rms_norm':
            inputs['mean'] = rng.normal(1, 1, norm.statistic_shape).astype(dtype)
            mean = norm.given(inputs['mean'])
        inputs[given] = rng.uniform(1, 5, norm.statistic_shape).astype(dtype)
        variance = norm.given(inputs[given])
    rstd = norm.given(inputs['rstd']) if given == 'rstd' else 1 / np.sqrt(variance + eps)
    if mode == 'backward':
        inputs['dy'] = rng.normal(0.3, 1, shape).astype(dtype)
        dx, dscale, dshift = norm.backward(x, inputs['dy'], mean, rstd, scale, frozen)
        expected = {'dx': dx, 'dscale': dscale}
        if op != 'rms_norm' or shift is not None:
            expected['dshift'] = dshift
    else:
        expected = {'y': norm.forward(x, mean, rstd, scale, shift)}
        if not given:
            expected['rstd'] = rstd.reshape(norm.statistic_shape)
            if op != 'rms_norm':
                expected['mean'] = mean.reshape(norm.statistic_shape)
        if running and mode == 'train':
            n = x.size // norm.statistic_shape[0]
            factor = n / (n - 1) if unbiased else 1
            expected['running_mean'] = ((1 - momentum) * r_mean.astype(np.longdouble)
                                        + momentum * mean.reshape(norm.statistic_shape))
            expected['running_var'] = ((1 - momentum) * r_var.astype(np.longdouble)
                                       + momentum * factor * variance.reshape(norm.statistic_shape))
    write_case(name, arguments, inputs, expected)


def apply_cases():
    for dtype in ('f4', 'f8', 'f2'):
        for mode in ('train', 'infer', 'backward'):
            case(f'layer_norm-{mode}-{dtype}', 'layer_norm', mode, (3, 4, 10), dtype)
            case(f'rms_norm-{mode}-{dtype}', 'rms_norm', mode, (5, 9), dtype, affine='scale')
            for layout in ('ncx', 'nxc'):
                shape = (2, 6, 3, 5) if layout == 'ncx' else (2, 3, 5, 6)
                case(f'group_norm-{mode}-{layout}-{dtype}', 'group_norm', mode, shape, dtype, layout, groups=3)
                case(f'instance_norm-{mode}-{layout}-{dtype}', 'instance_norm', mode, shape, dtype, layout)
                case(f'batch_norm-{mode}-{layout}-{dtype}', 'batch_norm', mode, shape, dtype, layout,
                     running=mode != 'backward', given='running' if mode == 'infer' else None)
    case('layer_norm-all-axes', 'layer_norm', 'train', (3, 5, 7), 'f4', normalized=3)
    case('layer_norm-two-axes-backward', 'layer_norm', 'backward', (2, 5, 7), 'f4', normalized=2)
    case('layer_norm-plain', 'layer_norm', 'train', (4, 8), 'f4', affine='none', eps=0.5)
    case('layer_norm-given-rstd', 'layer_norm', 'backward', (4, 8), 'f8', given='rstd')
    case('layer_norm-given-var', 'layer_norm', 'backward', (4, 8), 'f4', given='var')
    case('rms_norm-shift-backward', 'rms_norm', 'backward', (4, 8), 'f4')
    case('rms_norm-given-rstd', 'rms_norm', 'backward', (4, 8), 'f4', affine='none', given='rstd')
    case('batch_norm-vectors', 'batch_norm', 'train', (12, 5), 'f4', running=True)
    case('batch_norm-infer-mean-var', 'batch_norm', 'infer', (4, 3, 6), 'f4', given='var')
    case('batch_norm-infer-mean-rstd', 'batch_norm', 'infer', (4, 3, 6), 'f8', given='rstd', affine='shift')
    case('batch_norm-frozen', 'batch_norm', 'backward', (4, 3, 6), 'f4', running=True, given='running', frozen=True)
    case('batch_norm-frozen-last', 'batch_norm', 'backward', (4, 6, 3), 'f8', 'nxc', given='var', frozen=True)
    case('batch_norm-momentum-old', 'batch_norm', 'train', (4, 3, 6), 'f8', running=True, momentum=1 - 0.75,
         options=('--momentum', '0.75', '--momentum-of-old'))
    case('batch_norm-cumulative', 'batch_norm', 'train', (4, 3, 6), 'f8', running=True, momentum=0.25,
         options=('--cumulative', '--batches', '3'))
    case('batch_norm-biased', 'batch_norm', 'train', (4, 3, 6), 'f8', running=True, unbiased=False,
         options=('--running-variance', 'biased'))
    case('batch_norm-offset', 'batch_norm', 'train', (8, 2, 9), 'f4', offset=1e5)
    case('batch_norm-one-value', 'batch_norm', 'train', (1, 3), 'f4', options=('--single-value', 'allow'))
    case('group_norm-one-dimension', 'group_norm', 'backward', (3, 8, 4), 'f4', 'ncx', groups=4, affine='scale')
    case('instance_norm-volume', 'instance_norm', 'train', (2, 3, 2, 3, 4), 'f4', affine='none')


(RESOURCES / 'apply' / 'cases.txt').unlink(missing_ok=True)
npy_files()
apply_cases()

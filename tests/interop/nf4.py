"""What bitsandbytes makes of matrices. usage: nf4.py FOLDER, with MATRIX.bin of float32 and shapes.json; writes NAME.PART beside them.

Its CPU library finds codes by a table of its own that misses the nearest one now and then; without it the package's PyTorch
code is what its GPU kernels compute.
"""
import ctypes
import json
import os
import sys


def refuse(*_, **__):
    raise OSError("the PyTorch code is wanted")


ctypes.cdll.LoadLibrary = refuse
import numpy as np
import torch

try:
    import bitsandbytes.functional as F
except ImportError:
    sys.exit(3)

folder = sys.argv[1]
for name, shape in json.load(open(os.path.join(folder, "shapes.json"))).items():
    at = lambda part: os.path.join(folder, f"{name}.{part}")
    weight = torch.from_numpy(np.fromfile(at("bin"), dtype=np.float32).reshape(shape))
    packed, state = F.quantize_4bit(weight, blocksize=64, quant_type="nf4", compress_statistics=True)
    tensors = {"weight": packed, **state.as_dict(packed=True), "dequantised": F.dequantize_4bit(packed, state)}
    for part, tensor in tensors.items():
        tensor.contiguous().numpy().tofile(at(part))

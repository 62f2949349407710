"""Makes the files beside this script with PyTorch: one dictionary of tensors of every type that is read, shared, strided, empty and
without dimensions, in both formats of torch.save and every protocol, and its twin in safetensors.

    python make_goldens.py OUTPUT_FOLDER

"refused-zip.bin" and "refused-stacked.bin" hold a call of os.system beside a tensor. Written with torch 2.13 and safetensors 0.8.
"""

import collections
import os
import pathlib
import sys

import torch
from safetensors.torch import save_file


def make_tensors():
    generator = torch.Generator().manual_seed(1)
    base = torch.randn(24, generator=generator)
    tensors = collections.OrderedDict()
    tensors["matrix"] = torch.randn(3, 5, generator=generator)
    tensors["transposed"] = torch.randn(5, 4, generator=generator).t()
    tensors["shared.first"] = base[:6].view(2, 3)
    tensors["shared.second"] = base[6:].view(3, 6)
    tensors["shared.columns"] = base.view(4, 6)[:, 1:4]
    tensors["shared.every.other"] = base[1::2]
    tensors["permuted"] = torch.randn(2, 3, 4, generator=generator).permute(2, 0, 1)
    tensors["number"] = torch.tensor(0.1)
    tensors["empty"] = torch.zeros(0, 3)
    tensors["parameter"] = torch.nn.Parameter(torch.randn(4, generator=generator))
    for dtype in (torch.float64, torch.float16, torch.bfloat16):
        # Large and tiny numbers, half-way ones for the rounding of double, both zeros, and what is no number.
        values = [1.5, -0.0, 65504.0, 1e-7, 1 + 2**-24, 1 + 2**-24 + 2**-40, 1e39, float("inf"), float("nan"), 1e-46]
        tensors[str(dtype).removeprefix("torch.")] = torch.tensor(values, dtype=torch.float64).to(dtype)
    for dtype in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool):
        tensors[str(dtype).removeprefix("torch.")] = torch.tensor([1, 0, 3]).to(dtype)
    tensors["embeddings.position_ids"] = torch.arange(8).expand((1, -1))
    # Attributes of the dictionary, as model.state_dict() has them.
    tensors._metadata = collections.OrderedDict({"": {"version": 1}, "pooler": {"version": 2}})
    return tensors


class Call:
    def __reduce__(self):
        return os.system, ("echo executed",)


def main(folder):
    tensors = make_tensors()
    for protocol in range(2, 6):
        torch.save(tensors, folder / f"zip-{protocol}.bin", pickle_protocol=protocol)
        torch.save(
            tensors, folder / f"stacked-{protocol}.bin", pickle_protocol=protocol, _use_new_zipfile_serialization=False)
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}, folder / "twin.safetensors")
    hostile = {"weight": torch.zeros(2), "bias": Call()}
    torch.save(hostile, folder / "refused-zip.bin")
    torch.save(hostile, folder / "refused-stacked.bin", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))

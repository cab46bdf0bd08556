#!/usr/bin/env python3
"""The paper's training step in PyTorch, to be timed beside `diffusion bench train --preset paper` on the same machine.

    diffusion bench train --preset paper --batch 128,256,512 --json >ours.json
    python3 pytorch_unet.py --batch 128 256 512 --precision bfloat16 --ours ours.json
    python3 pytorch_unet.py --batch 128 256 512 --precision bfloat16 --ours ours.json --compile

With --sampling the network alone, without gradients, beside `diffusion bench sample --preset paper --batch ... --json`.

Network, batch, loss, clipping, Adam and average are those of Ho et al. 2020 for CIFAR-10: 35,746,307 parameters. One line of JSON for
each batch size: images/s, ms per step, FLOP/s, its fraction of a large matrix product in the same run, and how many times as fast the
other program was (its faster memory layout counts). Both take the time of the fastest of several stretches of steps: ten without a
wait on a GPU, single steps on a CPU. The names of the parameters are those of `diffusion export`, so `--weights FILE` (safetensors) loads
a trained model, and `--output` prints the network's answer to a fixed input, by which two implementations can be compared.
"""
import argparse
import contextlib
import json
import math
import os
import struct
import threading
import time

import torch
from torch import nn
from torch.nn import functional as F

CHANNELS = (128, 256, 256, 256)
ATTENDING_LEVEL = 1
GROUPS, EPSILON, DROPOUT = 32, 1e-6, 0.1


class Residual(nn.Module):
    def __init__(self, before, after, embedding):
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, before, EPSILON)
        self.conv1 = nn.Conv2d(before, after, 3, padding=1)
        self.time_emb_proj = nn.Linear(embedding, after)
        self.norm2 = nn.GroupNorm(GROUPS, after, EPSILON)
        self.dropout = nn.Dropout(DROPOUT)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1)
        if before != after:
            self.conv_shortcut = nn.Conv2d(before, after, 1)

    def forward(self, x, embedding):
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time_emb_proj(F.silu(embedding))[:, :, None, None]
        h = self.conv2(self.dropout(F.silu(self.norm2(h))))
        return h + (self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x)


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.group_norm = nn.GroupNorm(GROUPS, channels, EPSILON)
        self.to_q, self.to_k, self.to_v = (nn.Linear(channels, channels) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x):
        pixels = self.group_norm(x).flatten(2).transpose(1, 2)
        q, k, v = (layer(pixels).unsqueeze(1) for layer in (self.to_q, self.to_k, self.to_v))
        if hasattr(F, "scaled_dot_product_attention"):
            attended = F.scaled_dot_product_attention(q, k, v)
        else:
            attended = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), -1) @ v
        return x + self.to_out[0](attended.squeeze(1)).transpose(1, 2).reshape(x.shape)


class Resample(nn.Module):
    def __init__(self, channels, down):
        super().__init__()
        self.down = down
        self.conv = nn.Conv2d(channels, channels, 3, stride=2) if down else nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1)) if self.down else F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Block(nn.Module):
    """One level on the way down, on the way up, or the middle."""

    def __init__(self, pairs, embedding, attentions, resample=None, down=True):
        super().__init__()
        self.resnets = nn.ModuleList(Residual(before, after, embedding) for before, after in pairs)
        if attentions:
            self.attentions = nn.ModuleList(Attention(pairs[0][1]) for _ in range(attentions))
        if resample:
            setattr(self, "downsamplers" if down else "upsamplers", nn.ModuleList([Resample(pairs[-1][1], down)]))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        base, embedding = CHANNELS[0], 4 * CHANNELS[0]
        self.conv_in = nn.Conv2d(3, base, 3, padding=1)
        self.time_embedding = nn.ModuleDict({"linear_1": nn.Linear(base, embedding), "linear_2": nn.Linear(embedding, embedding)})
        last, skips, downs, ups = len(CHANNELS) - 1, [base], [], []
        before = base
        for level, channels in enumerate(CHANNELS):
            downs.append(Block([(before, channels), (channels, channels)], embedding, 2 * (level == ATTENDING_LEVEL), level < last))
            skips += [channels] * (3 if level < last else 2)
            before = channels
        self.down_blocks = nn.ModuleList(downs)
        self.mid_block = Block([(before, before)] * 2, embedding, 1)
        for level, channels in reversed(list(enumerate(CHANNELS))):
            pairs = []
            for _ in range(3):
                pairs.append((before + skips.pop(), channels))
                before = channels
            ups.append(Block(pairs, embedding, 3 * (level == ATTENDING_LEVEL), level > 0, down=False))
        self.up_blocks = nn.ModuleList(ups)
        self.conv_norm_out = nn.GroupNorm(GROUPS, base, EPSILON)
        self.conv_out = nn.Conv2d(base, 3, 3, padding=1)

    def forward(self, x, t):
        half = CHANNELS[0] // 2
        angles = t.float()[:, None] * torch.exp(-math.log(10000) / (half - 1) * torch.arange(half, device=t.device))[None]
        h = self.time_embedding["linear_1"](torch.cat([angles.sin(), angles.cos()], 1).to(x.dtype))
        embedding = self.time_embedding["linear_2"](F.silu(h))
        h = self.conv_in(x)
        skips = [h]
        for block in self.down_blocks:
            for index, residual in enumerate(block.resnets):
                h = residual(h, embedding)
                if hasattr(block, "attentions"):
                    h = block.attentions[index](h)
                skips.append(h)
            if hasattr(block, "downsamplers"):
                h = block.downsamplers[0](h)
                skips.append(h)
        h = self.mid_block.resnets[0](h, embedding)
        h = self.mid_block.resnets[1](self.mid_block.attentions[0](h), embedding)
        for block in self.up_blocks:
            for index, residual in enumerate(block.resnets):
                h = residual(torch.cat([h, skips.pop()], 1), embedding)
                if hasattr(block, "attentions"):
                    h = block.attentions[index](h)
            if hasattr(block, "upsamplers"):
                h = block.upsamplers[0](h)
        return self.conv_out(F.silu(self.conv_norm_out(h)))


def load(network, path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    types = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
    state = {}
    for name, entry in header.items():
        first, end = entry["data_offsets"]
        state[name] = torch.frombuffer(bytearray(data[first:end]), dtype=types[entry["dtype"]]).reshape(entry["shape"]).float()
    network.load_state_dict(state)


def flops_forward(network, device):
    """Multiplications and additions of one picture's forward pass, counted where they happen: 2 for each multiply-add."""
    total = [0]

    def convolution(layer, _, output):
        total[0] += 2 * output[0].numel() * layer.weight[0].numel()

    def linear(layer, _, output):
        total[0] += 2 * output.numel() * layer.in_features

    def attention(layer, inputs, _):
        channels, pixels = inputs[0].shape[1], inputs[0].shape[2] * inputs[0].shape[3]
        total[0] += 4 * pixels * pixels * channels

    hooks = []
    for layer in network.modules():
        hook = {nn.Conv2d: convolution, nn.Linear: linear, Attention: attention}.get(type(layer))
        if hook:
            hooks.append(layer.register_forward_hook(hook))
    with torch.no_grad():
        network(torch.zeros(1, 3, 32, 32, device=device), torch.zeros(1, device=device))
    for hook in hooks:
        hook.remove()
    return total[0]


def timed(work, device, rounds):
    times = []
    for _ in range(rounds):
        if device == "cuda":
            torch.cuda.synchronize()
        begin = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begin)
    return min(times)


def product_rate(device, kind):
    side = 8192 if device == "cuda" else 2048
    a, b = (torch.randn(side, side, device=device, dtype=kind) for _ in range(2))
    work = lambda: a @ b
    timed(work, device, 3)
    return 2 * side**3 / timed(work, device, 10)


def paces(options, batch):
    """Images/s of the other program at a batch size in this precision, the fastest first; none where they were not given."""
    if not options.ours:
        return []
    with open(options.ours) as file:
        results = json.load(file)["results"]
    names = [f"paper {batch} {options.precision}{layout} pace" for layout in ("", " channels last")]
    return sorted((line["value"] for line in results if line["name"] in names), reverse=True)


def bench_sampling(options, batch):
    device, short = options.device, options.precision == "bfloat16"
    network = UNet().to(device).eval()
    x, t = torch.randn(batch, 3, 32, 32, device=device), torch.full((batch,), 500.0, device=device)
    flops = flops_forward(network, device)
    # As a pipeline in bfloat16 has it: weights and images, without autocast.
    if short:
        network, x = network.to(torch.bfloat16), x.to(torch.bfloat16)
    if options.channels_last:
        network, x = network.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    forward = torch.compile(network) if options.compile else network

    def call():
        with torch.no_grad():
            forward(x, t)

    timed(call, device, options.warmup)
    seconds = timed(call, device, options.rounds)
    rate = flops * batch / seconds
    print(json.dumps({
        "torch": torch.__version__, "device": torch.cuda.get_device_name() if device == "cuda" else f"cpu, {torch.get_num_threads()} threads",
        "sampling": True, "batch": batch, "precision": options.precision, "compiled": options.compile,
        "channels_last": options.channels_last, "ms_per_call": round(1000 * seconds, 2), "flop_per_second": rate,
        "fraction_of_matrix_product": round(rate / product_rate(device, torch.bfloat16 if short else torch.float32), 3),
        "ours_over_this": round(ours[0] * seconds / batch, 3) if (ours := paces(options, batch)) else None}), flush=True)


def bench(options, batch):
    device = options.device
    kind = torch.bfloat16 if options.precision == "bfloat16" else torch.float32
    network = UNet().to(device)
    flops = 3 * flops_forward(network, device)
    average = [p.detach().clone() for p in network.parameters()]
    adam = torch.optim.Adam(network.parameters(), lr=2e-4, **({"fused": True} if device == "cuda" else {}))
    signal = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64), 0).float().to(device)
    pictures = torch.randint(0, 256, (4096, 3, 32, 32), dtype=torch.uint8, device=device)
    if options.channels_last:
        network = network.to(memory_format=torch.channels_last)
    forward = torch.compile(network) if options.compile else network

    def step():
        x0 = pictures[torch.randint(0, len(pictures), (batch,), device=device)].float() / 127.5 - 1
        t = torch.randint(0, 1000, (batch,), device=device)
        noise = torch.randn_like(x0)
        a = signal[t][:, None, None, None]
        x = a.sqrt() * x0 + (1 - a).sqrt() * noise
        if options.channels_last:
            x = x.contiguous(memory_format=torch.channels_last)
        short = torch.autocast(device, torch.bfloat16) if kind == torch.bfloat16 else contextlib.nullcontext()
        with short:
            output = forward(x, t)
        F.mse_loss(output.float(), noise).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        adam.zero_grad(set_to_none=True)
        with torch.no_grad():
            if hasattr(torch, "_foreach_lerp_"):
                torch._foreach_lerp_(average, list(network.parameters()), 1e-4)
            else:
                for old, new in zip(average, network.parameters()):
                    old.lerp_(new, 1e-4)

    stretch = 10 if device == "cuda" else 1
    timed(step, device, options.warmup)
    seconds = timed(lambda: [step() for _ in range(stretch)], device, options.rounds) / stretch
    rate = flops * batch / seconds
    print(json.dumps({
        "torch": torch.__version__, "device": torch.cuda.get_device_name() if device == "cuda" else f"cpu, {torch.get_num_threads()} threads",
        "batch": batch, "precision": options.precision, "compiled": options.compile, "channels_last": options.channels_last,
        "parameters": sum(p.numel() for p in network.parameters()), "ms_per_step": round(1000 * seconds, 2),
        "images_per_second": round(batch / seconds, 1), "flop_per_second": rate,
        "fraction_of_matrix_product": round(rate / product_rate(device, kind), 3),
        "ours_over_this": round(ours[0] * seconds / batch, 3) if (ours := paces(options, batch)) else None,
        "peak_bytes": torch.cuda.max_memory_allocated() if device == "cuda" else None}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, nargs="+", default=[128])
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="bfloat16")
    parser.add_argument("--compile", action="store_true", help="torch.compile the network")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--sampling", action="store_true", help="the network alone, without gradients")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--ours", help="what `diffusion bench train|sample --preset paper --json` wrote on this machine")
    parser.add_argument("--warmup", type=int, default=5)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--weights", help="a safetensors file of this network")
    parser.add_argument("--output", action="store_true", help="print the answer to a fixed input, and do nothing else")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.output:
        network = UNet().eval()
        if options.weights:
            load(network, options.weights)
        grid = torch.arange(2 * 3 * 32 * 32, dtype=torch.float64).reshape(2, 3, 32, 32)
        with torch.no_grad():
            answer = network(torch.sin(grid).float(), torch.tensor([10.0, 900.0]))
        print(json.dumps({"parameters": sum(p.numel() for p in network.parameters()), "sum": answer.double().sum().item(),
                          "norm": answer.double().norm().item(), "first": answer.flatten()[:6].tolist()}))
        return
    for batch in options.batch:
        (bench_sampling if options.sampling else bench)(options, batch)


def watch_parent():
    """Ends this process when the program that started it is gone: the standard input, which nobody writes to, then ends."""
    if os.environ.pop("DIFFUSION_WATCH_PARENT", None):
        threading.Thread(target=lambda: (os.read(0, 1), os._exit(130)), daemon=True).start()


if __name__ == "__main__":
    watch_parent()
    main()

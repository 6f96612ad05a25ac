"""MobileNetV2 1.0/224 (Keras, ImageNet, Apache-2.0) from the ONNX file with int8 weights into nets.Trunk; caches of its grid."""
import os, sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np, onnx, torch
from onnx import numpy_helper
from common import DEVICE, bf16, from_array, load
from data import DATA, RUNS, photos
from nets import Trunk, ConvAct

def imagenet_trunk():
    graph = onnx.load(os.path.join(DATA, 'backbone/mobilenetv2_float32.onnx')).graph
    const = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    for n in graph.node:
        if n.op_type == 'DequantizeLinear' and n.input[0] in const:
            q, s, z = (const[i] for i in n.input)
            axis = next((a.i for a in n.attribute if a.name == 'axis'), 1)
            shape = [1] * q.ndim
            if s.ndim: shape[axis] = -1
            const[n.output[0]] = (q.astype(np.float32) - z.astype(np.float32).reshape(shape)) * s.reshape(shape)
    convs = [n for n in graph.node if n.op_type == 'Conv']
    trunk = Trunk(); mine = [m for m in trunk.modules() if isinstance(m, ConvAct)]
    # definition order of Inverted: expand, depthwise, project; modules() walks stem, blocks, head in that order
    assert len(mine) == len(convs) == 52
    for m, n in zip(mine, convs):
        w, b = const[n.input[1]], const[n.input[2]]
        assert tuple(w.shape) == tuple(m.weight.shape), (w.shape, m.weight.shape)
        m.weight.data = torch.tensor(w); m.bias.data = torch.tensor(b)
    return trunk.to(memory_format=torch.channels_last)

def to_input(pixels):
    return (from_array(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)

def cache(trunk, name, which='flickr8k/train', views=('plain', 'flip'), seed=0):
    """fp16 [views, N, 49, 1280], memory-mapped; one thread a view."""
    path = os.path.join(RUNS, name + '.npy')
    if not os.path.exists(path):
        _, px = photos(which)
        out = np.lib.format.open_memmap(path + '.tmp.npy', 'w+', np.float16, (len(views), len(px), 49, 1280))
        trunk.eval()
        def fill(v):
            torch.set_num_threads(1)
            with torch.no_grad(), bf16():
                for i in range(0, len(px), 32):
                    x = to_input(px[i:i + 32])
                    if views[v] == 'flip': x = x.flip(3).contiguous(memory_format=torch.channels_last)
                    out[v, i:i + 32] = trunk(x).float().cpu().numpy().astype(np.float16)
        with ThreadPoolExecutor(len(views)) as pool:
            list(pool.map(fill, range(len(views))))
        out.flush(); del out; os.replace(path + '.tmp.npy', path)
    return np.load(path, mmap_mode='r')

if __name__ == '__main__':
    t = imagenet_trunk().eval()
    if len(sys.argv) > 1 and sys.argv[1] == 'final':  # grids of the trunk that the CoCa stage fine-tuned
        t.load_state_dict(load(os.environ.get('TRUNK', 'coca-pixels'))['trunk'])
        cache(t, os.environ.get('OUT', 'features-final'))
    elif len(sys.argv) > 1:  # check against the ONNX file
        import onnxruntime as ort
        _, px = photos(); m = onnx.load(os.path.join(DATA, 'backbone/mobilenetv2_float32.onnx')); m.graph.output.append(onnx.ValueInfoProto(name='Relu6__90:0'))
        s = ort.InferenceSession(m.SerializeToString()); x = to_input(px[:2])
        y = s.run(['Relu6__90:0'], {s.get_inputs()[0].name: x.permute(0, 2, 3, 1).cpu().numpy()})[0]
        print('largest difference to the ONNX file', np.abs(t(x).detach().cpu().numpy().transpose(0, 2, 1).reshape(y.shape) - y).max(), np.abs(y).max())
    else:
        cache(t, 'features-imagenet')

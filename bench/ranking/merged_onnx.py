"""The ONNX graph with two inputs: ONNX Runtime and OpenVINO run it faster than one input per feature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from recfast_training.program import Emitted

from .merged_inputs import Layout


def merge_inputs(source: Path, target: Path, emitted: Emitted) -> None:
    """Rewrite what `export_onnx` wrote.

    Args:
        source: a graph with one input per feature: ids become one column each, then an offset is added per column.
        target: where the graph goes whose inputs are those of `Merged`.
        emitted: the program that the graph was made from.
    """
    layout = Layout(emitted)
    model = onnx.load(str(source))
    graph = model.graph
    made_by = {output: node for node in graph.node for output in node.output}
    columns = {
        node.output[0]: layout.numbers.index(node.input[0])
        for node in graph.node
        if node.op_type == "Unsqueeze" and node.input[0] in layout.numbers
    }
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.op_type == "Gather" and node.input[0].startswith("#tables."):
            assert made_by[node.input[1]].op_type == "Add"  # the offsets, which the ids have already
            node.input[1] = "ids"
        elif any(name in columns for name in node.input):
            nodes += _take_numbers(graph, node, columns, len(layout.numbers))
        nodes.append(node)
    del graph.node[:], graph.input[:]
    graph.node.extend(_needed(nodes, {output.name for output in graph.output}))
    graph.input.append(helper.make_tensor_value_info("ids", TensorProto.INT64, ["B", len(layout.fields)]))
    graph.input.append(helper.make_tensor_value_info("numbers", TensorProto.FLOAT, ["B", len(layout.numbers)]))
    used = {name for node in graph.node for name in node.input}
    unused = [constant for constant in graph.initializer if constant.name not in used]
    for constant in unused:
        graph.initializer.remove(constant)
    onnx.save(model, str(target))


def _take_numbers(
    graph: onnx.GraphProto, node: onnx.NodeProto, columns: dict[str, int], width: int
) -> list[onnx.NodeProto]:
    """Replace columns that follow each other in a node's inputs by one range of "numbers"; return the slices."""
    slices: list[onnx.NodeProto] = []
    inputs: list[str] = []
    names = list(node.input)
    while names:
        run = 0
        while run < len(names) and columns.get(names[run], -1) == columns.get(names[0], -2) + run:
            run += 1
        if run == 0:
            inputs.append(names.pop(0))
            continue
        start = columns[names[0]]
        if run == width:
            inputs.append("numbers")
        else:
            bounds = [_ints(graph, start), _ints(graph, start + run), _ints(graph, 1)]
            name = f"#numbers.{node.output[0]}.{start}"
            slices.append(helper.make_node("Slice", ["numbers", *bounds], [name], name=name))
            inputs.append(name)
        del names[:run]
    del node.input[:]
    node.input.extend(inputs)
    return slices


def _ints(graph: onnx.GraphProto, value: int) -> str:
    name = f"#bound.{value}"
    if all(constant.name != name for constant in graph.initializer):
        graph.initializer.append(numpy_helper.from_array(np.array([value], dtype=np.int64), name))
    return name


def _needed(nodes: list[onnx.NodeProto], outputs: set[str]) -> list[onnx.NodeProto]:
    """The nodes that the outputs depend on, in the same order."""
    kept: list[onnx.NodeProto] = []
    for node in reversed(nodes):
        if outputs & set(node.output):
            outputs |= set(node.input)
            kept.append(node)
    return kept[::-1]

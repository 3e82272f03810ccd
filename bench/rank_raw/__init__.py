"""From a raw request and 1,000 string ids to the best 50, beside two stacks that people write around ONNX Runtime."""

package normkit.bench.peers;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An ONNX model of a single operator on f32 tensors, written in the few protocol buffer messages that takes. The numbers of
 * fields are those of onnx.proto.
 */
final class OnnxModel {

    private static final int IR_VERSION = 11;
    private static final int FLOAT = 1;
    private static final int ATTRIBUTE_FLOAT = 1;
    private static final int ATTRIBUTE_INT = 2;

    private final String operator;
    private final Message node = new Message();
    private final Message graph = new Message();
    private final Map<String, long[]> inputs = new LinkedHashMap<>();
    private final Map<String, long[]> outputs = new LinkedHashMap<>();
    private final List<Message> attributes = new ArrayList<>();

    OnnxModel(String operator) {
        this.operator = operator;
    }

    OnnxModel input(String name, long... shape) {
        inputs.put(name, shape);
        return this;
    }

    OnnxModel output(String name, long... shape) {
        outputs.put(name, shape);
        return this;
    }

    OnnxModel attribute(String name, long value) {
        attributes.add(new Message().text(1, name).number(3, value).number(20, ATTRIBUTE_INT));
        return this;
    }

    OnnxModel attribute(String name, float value) {
        attributes.add(new Message().text(1, name).real(2, value).number(20, ATTRIBUTE_FLOAT));
        return this;
    }

    /**
     * Serializes the model.
     *
     * @param opset version of the operator set
     * @return a ModelProto
     */
    byte[] bytes(int opset) {
        inputs.keySet().forEach(name -> node.text(1, name));
        outputs.keySet().forEach(name -> node.text(2, name));
        node.text(4, operator);
        attributes.forEach(attribute -> node.message(5, attribute));
        graph.message(1, node).text(2, operator);
        inputs.forEach((name, shape) -> graph.message(11, value(name, shape)));
        outputs.forEach((name, shape) -> graph.message(12, value(name, shape)));
        Message operators = new Message().text(1, "").number(2, opset);
        return new Message().number(1, IR_VERSION).message(7, graph).message(8, operators).bytes();
    }

    private static Message value(String name, long[] shape) {
        Message axes = new Message();
        for (long axis : shape) {
            axes.message(1, new Message().number(1, axis));
        }
        Message tensor = new Message().number(1, FLOAT).message(2, axes);
        return new Message().text(1, name).message(2, new Message().message(1, tensor));
    }

    /** A protocol buffer message in the making. */
    private static final class Message {

        private static final int VARINT = 0;
        private static final int BYTES = 2;
        private static final int FIXED32 = 5;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            tag(field, VARINT);
            varint(value);
            return this;
        }

        Message real(int field, float value) {
            tag(field, FIXED32);
            out.writeBytes(
                    ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.bytes());
        }

        private Message bytes(int field, byte[] value) {
            tag(field, BYTES);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        private void tag(int field, int type) {
            varint(field << 3 | type);
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) (rest & 0x7F | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}

package normkit.bench.peers;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** A tensor of libtorch over memory of others, kept for as long as that stays in the same place. */
final class TorchView implements AutoCloseable {

    private final long[] sizes;
    private final long[] strides;
    private long address;
    private Tensor tensor;
    private TensorOptional optional;

    TorchView(long[] sizes, long[] strides) {
        this.sizes = sizes;
        this.strides = strides;
    }


    private static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
        }
    }

    /** Views memory. */
    TorchView at(MemorySegment memory) {
        if (tensor == null || address != memory.address()) {
            close();
            address = memory.address();
            tensor = torch.from_blob(new Address(address), sizes, strides);
            optional = new TensorOptional(tensor);
        }
        return this;
    }

    Tensor tensor() {
        return tensor;
    }

    TensorOptional optional() {
        return optional;
    }

    @Override
    public void close() {
        if (tensor != null) {
            optional.close();
            tensor.close();
            tensor = null;
        }
    }
}

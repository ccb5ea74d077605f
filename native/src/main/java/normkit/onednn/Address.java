package normkit.onednn;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.Pointer;

/**
 * A pointer that can be moved: what hands an address to oneDNN without making an object per call. It owns no memory
 * and, unlike pointers that JavaCPP allocates for, is unknown to JavaCPP's garbage collection.
 */
final class Address extends Pointer {

    Address(long address) {
        moveTo(address);
    }

    Address(MemorySegment segment) {
        this(segment.address());
    }

    Address moveTo(long newAddress) {
        address = newAddress;
        return this;
    }
}

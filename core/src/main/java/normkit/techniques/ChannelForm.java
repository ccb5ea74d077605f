package normkit.techniques;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The byte form of numbers per channel, big-endian: a magic number that tells which numbers, the version of the form, how many
 * channels, the fields.
 */
final class ChannelForm {

    private static final short VERSION = 1;
    private static final int HEADER = Integer.BYTES + Short.BYTES + Integer.BYTES;

    private ChannelForm() {
    }

    /** Begins a form, in a buffer with room for more bytes of fields. */
    static ByteBuffer write(int magic, int channels, int more) {
        return ByteBuffer.allocate(HEADER + more).putInt(magic).putShort(VERSION).putInt(channels);
    }

    static void put(ByteBuffer form, double[] values) {
        form.asDoubleBuffer().put(values);
        form.position(form.position() + values.length * Double.BYTES);
    }

    /** Something of a known kind that is read from bytes. */
    static final class Reader {

        private final String what;
        private final ByteBuffer form;
        private final int length;
        private final int channels;

        /**
         * Reads the header.
         *
         * @param what what is read, for messages
         * @param magic what it begins with
         * @param common bytes of fields that there is one of
         * @param perChannel bytes of fields that there is one of per channel
         */
        Reader(String what, byte[] bytes, int magic, int common, int perChannel) {
            this.what = what;
            this.form = ByteBuffer.wrap(bytes);
            this.length = bytes.length;
            try {
                requireMagic(form.getInt(), magic);
                requireVersion(form.getShort());
                channels = form.getInt();
            } catch (BufferUnderflowException e) {
                throw new IllegalArgumentException(
                        what + " has " + length + " bytes, which is truncated: its header has " + HEADER, e);
            }
            if (channels < 0) {
                throw invalid("channels is " + channels + "; it must be at least 0");
            }
            long needed = HEADER + common + (long) perChannel * channels;
            if (length != needed) {
                throw new IllegalArgumentException(
                        what + " has " + length + " bytes, which is " + (length < needed ? "truncated" : "too long")
                                + ": with " + channels + " channels it has " + needed);
            }
        }

        private void requireMagic(int actual, int magic) {
            if (actual != magic) {
                throw invalid(String.format("the first four bytes are %08x; they must be %08x", actual, magic));
            }
        }

        private void requireVersion(short version) {
            if (version != VERSION) {
                throw invalid("version is " + version + "; this library reads version " + VERSION);
            }
        }

        int channels() {
            return channels;
        }

        long getLong() {
            return form.getLong();
        }

        double[] values() {
            double[] values = new double[channels];
            form.asDoubleBuffer().get(values);
            form.position(form.position() + channels * Double.BYTES);
            return values;
        }

        IllegalArgumentException invalid(String problem) {
            return new IllegalArgumentException(what + " is not valid: " + problem);
        }
    }
}

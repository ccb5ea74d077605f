package normkit.techniques;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import normkit.RunningStatistics;
import normkit.dispatch.Backends;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** One rank of a synchronized batch norm in a JVM of its own: a training step on some samples of a known batch. */
final class SyncParticipant {

    private SyncParticipant() {
    }

    /** The whole batch, the same in every process. */
    static Given given(DataType type) {
        return new Given(TensorSpec.of(type, Layout.CHANNELS_FIRST, 8, 5, 6, 7));
    }

    /** A process and the pipes to it. */
    record Child(Process process, DataInputStream in, DataOutputStream out) {

        byte[] receive() throws IOException {
            return in.readNBytes(in.readInt());
        }
    }

    static Child start(DataType type, long from, long to) throws Exception {
        String classPath = root(SyncParticipant.class) + File.pathSeparator + root(Backends.class);
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-cp", classPath, SyncParticipant.class.getName(), type.name(),
                Long.toString(from), Long.toString(to)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        return new Child(process, new DataInputStream(process.getInputStream()),
                new DataOutputStream(process.getOutputStream()));
    }

    /** The directory of the class path a class came from; tests are patched into the module, so it does not know. */
    private static Path root(Class<?> type) throws Exception {
        String name = type.getName().replace('.', '/') + ".class";
        Path file = Path.of(type.getResource(type.getSimpleName() + ".class").toURI());
        return file.getRoot().resolve(file.subpath(0, file.getNameCount() - Path.of(name).getNameCount()));
    }

    /** Hands everybody's bytes to everybody, in the order of ranks. */
    static void exchange(List<Child> ranks) throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (Child rank : ranks) {
            all.add(rank.receive());
        }
        for (Child rank : ranks) {
            rank.out().writeInt(all.size());
            for (byte[] part : all) {
                send(rank.out(), part);
            }
            rank.out().flush();
        }
    }

    /** Everybody's bytes one after the other. */
    static byte[] gather(List<Child> ranks) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Child rank : ranks) {
            all.write(rank.receive());
        }
        return all.toByteArray();
    }

    private static void send(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static List<byte[]> exchange(DataInputStream in, DataOutputStream out, byte[] own) throws IOException {
        send(out, own);
        out.flush();
        List<byte[]> all = new ArrayList<>();
        int ranks = in.readInt();
        for (int rank = 0; rank < ranks; rank++) {
            all.add(in.readNBytes(in.readInt()));
        }
        return all;
    }

    private static Tensor part(Tensor whole, TensorSpec spec, long from) {
        Tensor part = Tensor.allocate(spec);
        long perSample = whole.spec().elements() / whole.spec().batch();
        for (long i = 0; i < spec.elements(); i++) {
            part.set(i, whole.get(from * perSample + i));
        }
        return part;
    }

    private static byte[] bytes(Tensor tensor) {
        ByteBuffer bytes = ByteBuffer.allocate((int) tensor.spec().elements() * Double.BYTES);
        for (double value : Given.values(tensor)) {
            bytes.putDouble(value);
        }
        return bytes.array();
    }

    /**
     * Does one training step.
     *
     * @param arguments type, first sample, end of the samples
     */
    public static void main(String[] arguments) throws IOException {
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(System.out);
        Given given = given(DataType.valueOf(arguments[0]));
        long from = Long.parseLong(arguments[1]);
        long[] shape = given.x().shape();
        shape[0] = Long.parseLong(arguments[2]) - from;
        TensorSpec spec = TensorSpec.of(given.x().type(), given.x().layout(), shape);
        Tensor x = part(given.data(), spec, from);
        Tensor dy = part(given.gradient(), spec, from);
        Tensor y = Tensor.allocate(spec);
        RunningStatistics running = RunningStatistics.allocate(spec.type(), spec.channels());
        ChannelMoments moments = ChannelMoments.allocate((int) spec.channels());
        ChannelGradients sums = ChannelGradients.allocate((int) spec.channels());
        try (SyncBatchNorm.Plan plan = SyncBatchNorm.create().plan(spec)) {
            plan.moments(x, moments);
            List<byte[]> all = exchange(in, out, moments.toBytes());
            moments.clear();
            all.forEach(part -> moments.merge(ChannelMoments.of(part)));
            plan.normalize(x, given.scale(), given.shift(), moments, y, running);
            plan.gradients(dy, x, moments, sums);
            all = exchange(in, out, sums.toBytes());
            sums.clear();
            all.forEach(part -> sums.merge(ChannelGradients.of(part)));
            plan.backward(dy, x, given.scale(), moments, sums, dy);
        }
        send(out, bytes(y));
        send(out, bytes(dy));
        ByteBuffer statistics = ByteBuffer.allocate(2 * Double.BYTES * (int) spec.channels());
        for (int c = 0; c < spec.channels(); c++) {
            statistics.putDouble(running.statistics().mean().get(c)).putDouble(running.statistics().variance().get(c));
        }
        send(out, statistics.array());
        out.flush();
    }
}

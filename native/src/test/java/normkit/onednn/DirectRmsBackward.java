package normkit.onednn;

import java.util.Arrays;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.layer_normalization_backward;
import org.bytedeco.dnnl.layer_normalization_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;

/** RMS norm's gradient straight from oneDNN's C++ interface, with nothing of the backend between. */
final class DirectRmsBackward {

    private static final int TRAINING = dnnl.dnnl_forward_training;

    private DirectRmsBackward() {
    }

    /** Returns dx for γ = 1. */
    @SuppressWarnings("try") // The scope collects the pointers made within, without being named.
    static float[] dx(int rows, int columns, float[] x, float[] dy, float[] meanSquare, float epsilon) {
        try (PointerScope scope = new PointerScope()) {
            engine cpu = new engine(engine.kind.cpu, 0);
            memory.desc data = new memory.desc(new long[] {rows, columns}, memory.data_type.f32, memory.format_tag.ab);
            memory.desc row = new memory.desc(new long[] {rows}, memory.data_type.f32, memory.format_tag.a);
            memory.desc column = new memory.desc(new long[] {columns}, memory.data_type.f32, memory.format_tag.a);
            int flags = dnnl.dnnl_rms_norm | dnnl.dnnl_use_scale;
            var forward =
                    new layer_normalization_forward.primitive_desc(cpu, TRAINING, data, data, row, epsilon, flags);
            var backward = new layer_normalization_backward.primitive_desc(cpu, dnnl.dnnl_backward, data, data, data,
                    row, epsilon, flags, forward);
            float[] ones = new float[columns];
            Arrays.fill(ones, 1);
            FloatPointer dx = new FloatPointer(new float[rows * columns]);
            IntMemoryMap arguments = new IntMemoryMap();
            arguments.put(dnnl.DNNL_ARG_SRC, new memory(data, cpu, new FloatPointer(x)));
            arguments.put(dnnl.DNNL_ARG_DIFF_DST, new memory(data, cpu, new FloatPointer(dy)));
            arguments.put(dnnl.DNNL_ARG_VARIANCE, new memory(row, cpu, new FloatPointer(meanSquare)));
            arguments.put(dnnl.DNNL_ARG_SCALE, new memory(column, cpu, new FloatPointer(ones)));
            arguments.put(dnnl.DNNL_ARG_DIFF_SCALE, new memory(column, cpu, new FloatPointer(new float[columns])));
            arguments.put(dnnl.DNNL_ARG_DIFF_SRC, new memory(data, cpu, dx));
            stream stream = new stream(cpu);
            new layer_normalization_backward(backward).execute(stream, arguments);
            stream._wait();
            float[] result = new float[rows * columns];
            dx.get(result);
            return result;
        }
    }
}

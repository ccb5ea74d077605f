package normkit.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SummaryTest {

    private final ResultFile result = Results.result();

    @BeforeEach
    void measure() {
        // Twice 256·1024·4 bytes at 262.144 GB/s take 8 µs.
        result.add(new Limits.Bandwidth("copy", 2 << 20, 1, 262.144e9, 0));
        result.add(new Limits.Fma("f32", 512, 1, 2.5e11, 0));
        result.add(Results.norm("layer_norm", "forward", "rows", "256x1024", "copy", 10));
        result.add(Results.norm("layer_norm", "forward", "rows", "256x1024", "simd", 20));
        result.add(Results.norm("layer_norm", "forward", "rows", "256x1024", "onednn", 10));
        result.add(Results.norm("layer_norm", "forward", "rows", "256x1024", "loop", 5));
        // Of the same size, hence with the same copy.
        result.add(Results.norm("batch_norm", "forward", "nxc", "256x1024", "simd", 10));
        result.add(Results.norm("batch_norm", "forward", "nxc", "256x1024", "onednn", 80));
        // Without a copy.
        result.add(Results.norm("rms_norm", "forward", "rows", "1x4096", "simd", 0.128));
    }

    private static String squeezed(String line) {
        return line.strip().replaceAll(" +", " ");
    }

    @Test
    void showsLimitsTimesRatiosAndVerdicts() {
        List<String> lines = new Summary(result).toString().lines().map(SummaryTest::squeezed).toList();
        assertEquals(List.of("memory KiB GB/s", "copy 2048 262", "", "f32, 512 bits: 250 GFLOP/s", "",
                "problem backend us +- copies roofline bytes allocated",
                "layer_norm forward rows 256x1024 simd 20.0 0.50 2.00 40% 0",
                "layer_norm forward rows 256x1024 onednn 10.0 0.50 1.00 80% 0",
                "layer_norm forward rows 256x1024 loop 5.00 0.50 0.50 160% 0",
                "batch_norm forward nxc 256x1024 simd 10.0 0.50 1.00 80% 0",
                "batch_norm forward nxc 256x1024 onednn 80.0 0.50 8.00 10% 0",
                "rms_norm forward rows 1x4096 simd 0.13 0.50 - 98% 0", "",
                "simd against onednn: faster on 1 of 2 rows, 2.00 times as fast in geometric mean",
                "simd against loop: faster on 0 of 1 rows, 0.25 times as fast in geometric mean"), lines);
    }

    @Test
    void tellsThatTheHostDisturbedIt() {
        ResultFile disturbed = Results.result();
        disturbed.stolen(0.25);
        assertEquals(
                "the host of this virtual machine gave 25% of the processor time that was wanted to others; times are too "
                        + "long, and not all alike" + System.lineSeparator(),
                new Summary(disturbed).toString());
    }

    @Test
    void whatWasNotMeasuredIsLeftOut() {
        ResultFile calm = Results.result();
        calm.stolen(0.01);
        assertEquals("", new Summary(calm).toString());
    }

    @Test
    void makesMarkdown() {
        result.add(Results.row("normkit.bench.jmh.SweepBenchmark.run",
                Map.of("operation", "layer_norm", "bytes", "4194304", "backend", "simd"), 123, "1"));
        result.add(new Accuracy("layer_norm", "simd", 1e6, 1.25e-7));
        result.add(new Choice("layer_norm", "forward", "rows", "2x3", "0", 1, "estimate", "simd", "onednn", 1.25));
        result.add(new Choice("layer_norm", "forward", "rows", "2x3", "0", 1, "measure", "onednn", "onednn", 1));
        List<String> lines = new Markdown(result).toString().lines().toList();
        assertTrue(lines.get(0).startsWith(
                "Abacus 3000, 2 processors; L1 1 KiB; JVM 25; none; normkit 1.0; " + "JVM flags -Xmx1g; created 20"),
                lines.get(0));
        assertEquals("The run was interrupted; rows are missing.", lines.get(2));
        String text = String.join("\n", lines);
        assertTrue(
                text.contains(
                        """

                                - simd against onednn: faster on 1 of 2 rows, 2.00 times as fast in geometric mean
                                - simd against loop: faster on 0 of 1 rows, 0.25 times as fast in geometric mean

                                ## Times in microseconds

                                | norm | pass | layout | shape | groups | threads | degree | copy | simd | onednn | loop | best peer ÷ simd | \
                                simd ÷ copy | simd of roofline |
                                |---|---|---|---|---|---|---|---|---|---|---|---|---|---|
                                | layer | forward | rows | 256x1024 |  | 1 | 1 | 10.0 | 20.0 | 10.0 | 5.00 | 0.25 (loop) | 2.00 | 40% |
                                | batch | forward | nxc | 256x1024 |  | 1 | 1 | 10.0 | 10.0 | 80.0 |  | 8.00 (onednn) | 1.00 | 80% |
                                | rms | forward | rows | 1x4096 |  | 1 | 1 |  | 0.13 |  |  |  |  | 98% |

                                ## Memory in GB/s by working set

                                | working set | copy |
                                |---|---|
                                | 2 MiB | 262 |

                                ## Multiply-adds in GFLOP/s

                                | type | bits | threads | rate |
                                |---|---|---|---|
                                | f32 | 512 | 1 | 250 |

                                ## layer_norm by size of x, in microseconds

                                | x | simd |
                                |---|---|
                                | 4 MiB | 123 |

                                ## Largest error of y in standard deviations

                                | data | simd |
                                |---|---|
                                | layer_norm, mean 1000000 | 1.3e-07 |

                                ## Choices that cost more than 5%

                                | norm | pass | layout | shape | effort | chosen | best | ratio |
                                |---|---|---|---|---|---|---|---|
                                | layer | forward | rows | 2x3 | estimate | simd | onednn | 1.25 |"""),
                text);
    }
}

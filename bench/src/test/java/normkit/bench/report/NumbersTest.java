package normkit.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1.00", "0.5, 0.50", "99.96, 100", "99.94, 99.9", "0.0999999, 0.10", "999999.9, 1e6",
        "123.4, 123", "0.05, 0.05", "0.00123, 0.0012", "2e-7, 2e-7", "1.25e-12, 1.3e-12", "1e6, 1e6", "NaN, –",
        "Infinity, ∞"})
    void plain(double value, String text) {
        assertEquals(text, Numbers.plain(value));
    }

    @ParameterizedTest
    @CsvSource({"3e-9, 3.00 ns", "0.0001, 100 µs", "9.9999e-7, 1.00 µs", "1.5e-6, 1.50 µs", "0.0123, 12.3 ms",
        "2, 2.00 s", "NaN, –"})
    void time(double seconds, String text) {
        assertEquals(text, Numbers.time(seconds));
    }

    @ParameterizedTest
    @CsvSource({"512, 512 B", "1024, 1 KB", "49152, 48 KB", "1572864, 1.50 MB", "33554432, 32 MB",
        "1099511627776, 1 TB"})
    void bytes(double bytes, String text) {
        assertEquals(text, Numbers.bytes(bytes));
    }

    @ParameterizedTest
    @CsvSource({"1e11, 100 GB", "1e9, 1 GB", "3e8, 300 MB", "2e10, 20 GB"})
    void rateTick(double rate, String text) {
        assertEquals(text, Numbers.rateTick(rate, "B"));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "10, 10", "1e6, 10⁶", "1e-7, 10⁻⁷", "1e12, 10¹²"})
    void power(double value, String text) {
        assertEquals(text, Numbers.power(value));
    }

    @ParameterizedTest
    @CsvSource({"0.5, 0.5×", "1, 1×", "200, 200×", "1.1, 1.1×"})
    void ratioTick(double value, String text) {
        assertEquals(text, Numbers.ratioTick(value));
    }

    @Test
    void percent() {
        assertEquals("53 %", Numbers.percent(0.531));
        assertEquals("0.20 %", Numbers.percent(0.002));
        assertEquals("–", Numbers.percent(Double.NaN));
    }
}

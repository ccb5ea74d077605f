package normkit.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import normkit.conformance.Report;
import normkit.conformance.catalogue.Catalogue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All techniques, at every vector size this CPU has: right, and with the bits of the portable backend. */
class SimdCatalogueTest {

    @Test
    void everyTechniqueIsCleanWithTheBitsOfThePortableBackend() {
        check();
    }

    static List<String> sizes() {
        return SimdConformanceTest.sizes();
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void everyTechniqueIsCleanAtEveryVectorSize(String bits) throws Exception {
        assertEquals("", Jvm.withVectors("-Dnormkit.vectorBits=" + bits).run(SimdCatalogueTest.class));
    }

    @Test
    void everyTechniqueIsCleanUnspecialized() throws Exception {
        assertEquals("", Jvm.withVectors("-Dnormkit.specialize=false").run(SimdCatalogueTest.class));
    }

    private static void check() {
        Report report = Catalogue.quick().run("simd", (done, of) -> {});
        assertTrue(report.clean(), report::text);
        assertEquals(Catalogue.techniques(), report.rows().stream().map(Report.Row::subject).toList());
        // Those with loops of their own, which are no business of a backend, are declined; others never.
        assertEquals(12, report.rows().stream().filter(row -> row.declined().isEmpty()).count(), report::text);
        assertTrue(report.rows().stream().allMatch(row -> row.cases() == 0 || row.declined().isEmpty()), report::text);
    }

    /** In a JVM of its own. */
    public static void main(String[] args) {
        check();
    }
}

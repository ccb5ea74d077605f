package normkit.conformance.catalogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import normkit.conformance.Memory;
import normkit.conformance.Report;
import normkit.conformance.Values;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogueTest {

    @Test
    void everyTechniqueIsCleanOnThePortableBackend() {
        Report report = Catalogue.quick().run("scalar", (done, of) -> {});
        assertTrue(report.clean(), report::text);
        assertEquals(Catalogue.techniques(), report.rows().stream().map(Report.Row::subject).toList());
        assertTrue(report.rows().stream().allMatch(row -> row.declined().isEmpty() && row.cases() >= 40), report::text);
    }

    @Test
    void everyVariantMeetsEveryTypeLayoutAndFamilyOfValues() {
        Set<List<Object>> met = new HashSet<>();
        for (TechniqueCase c : Catalogue.quick().cases()) {
            met.add(List.of(c.technique(), c.variant(), c.type()));
            met.add(List.of(c.technique(), c.variant(), c.layout()));
            met.add(List.of(c.technique(), c.variant(), c.values()));
        }
        long expected =
                Family.ALL.stream()
                        .mapToLong(f -> f.variants().size()
                                * (DataType.values().length + f.shapes().layouts().size() + Catalogue.VALUES.size()))
                        .sum();
        assertEquals(expected, met.size());
    }

    @Test
    void gradientsOfEveryTechniqueThatHasSomeAreComparedWithDifferences() {
        Set<String> compared = new HashSet<>();
        Catalogue.quick().cases().stream().filter(Differences::applicable).forEach(c -> compared.add(c.technique()));
        assertEquals(Set.copyOf(Catalogue.techniques()), compared);
    }

    @Test
    void aCaseIsMadeAgainFromItsName() {
        TechniqueCase c = new TechniqueCase("lp_norm", "p1_last", DataType.F64, Layout.ROWS, List.of(3L, 40L),
                Values.OFFSET_1E4, Memory.NATIVE_ODD, Memory.HEAP, true, 17);
        assertEquals("lp_norm:p1_last:f64:rows:3x40:offset_1e4:native_odd:heap:in_place:17", c.name());
        assertEquals(c, TechniqueCase.parse(c.name()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "lp_norm", "lp_norm:p1_last:f63:rows:3x40:normal:heap:heap:apart:17",
        "lp_norm:p1_last:f64:rows:3xx40:normal:heap:heap:apart:17"})
    void whatIsNoNameIsRefusedWithIt(String name) {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> TechniqueCase.parse(name)).getMessage()
                .contains("the case name " + name));
    }

    @Test
    void anUnknownTechniqueIsRefusedWithThoseThereAre() {
        String name = "group_hug:p1_last:f64:rows:3x40:normal:heap:heap:apart:17";
        String message = assertThrows(IllegalArgumentException.class, () -> TechniqueCase.parse(name)).getMessage();
        assertTrue(message.contains("group_hug") && message.contains("switchable_norm"), message);
    }
}

package normkit.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaseTest {

    @Test
    void everyNameReproducesItsCase() {
        List<Case> cases = Conformance.full().cases();
        for (Case c : cases) {
            assertEquals(c, Case.parse(c.name()));
        }
        assertEquals(cases.size(), cases.stream().map(Case::name).distinct().count());
    }

    @Test
    void theChoiceIsTheSameEveryTime() {
        assertEquals(Conformance.full().cases(), Conformance.full().cases());
    }

    @Test
    void aNameReproducesTheData() {
        Case c = Conformance.quick().cases().get(700);
        assertTrue(Arrays.equals(new Inputs(c).x, new Inputs(Case.parse(c.name())).x));
    }

    @Test
    void everyShapeMeetsEveryFamilyInEveryOperationAndPass() {
        List<Case> cases = Conformance.full().cases();
        var byPass = cases.stream().collect(Collectors.groupingBy(c -> c.operation() + " " + c.pass()));
        assertEquals(12, byPass.size());
        byPass.forEach((pass, some) -> {
            var families = new HashSet<>();
            some.forEach(c -> families.add(c.values() + " " + c.problem().x().elements()));
            long sizes = some.stream().map(c -> c.problem().x().elements()).distinct().count();
            assertEquals(sizes * Values.values().length, families.size(), pass);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "layer_norm",
        "layer_norm:forward:f32:rows:4x1:1:0:true:true:x:normal:heap:heap:apart:none:1",
        "layer_norm:sideways:f32:rows:4x1:1:0:true:true:0.5:normal:heap:heap:apart:none:1"})
    void otherNamesAreRefused(String name) {
        assertThrows(IllegalArgumentException.class, () -> Case.parse(name));
    }
}

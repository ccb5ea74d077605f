package normkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows between the packages point one way. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("normkit");

    /** Each package, and those of ours it may use. */
    private static final String ARROWS = """
            normkit             | normkit.activation normkit.dispatch normkit.spi normkit.tensor
            normkit.techniques  | normkit normkit.bulk normkit.parts normkit.dispatch normkit.engine normkit.moments \
            normkit.spi normkit.tensor
            normkit.weights     | normkit normkit.bulk normkit.parts normkit.dispatch normkit.moments normkit.spi \
            normkit.tensor
            normkit.tables      | normkit.bulk normkit.parts normkit.moments normkit.tensor
            normkit.parts       | normkit.bulk normkit.dispatch normkit.engine normkit.spi normkit.tensor
            normkit.conformance | normkit.conformance.parts normkit.activation normkit.spi normkit.tensor
            normkit.conformance.parts | normkit.activation normkit.tensor
            normkit.conformance.catalogue | normkit normkit.conformance normkit.conformance.parts normkit.dispatch \
            normkit.spi normkit.techniques normkit.tables normkit.tensor normkit.weights
            normkit.dispatch    | normkit.spi normkit.tensor jdk.jfr
            normkit.scalar      | normkit.bulk normkit.engine normkit.spi normkit.tensor normkit.geometry
            normkit.engine      | normkit.activation normkit.bulk normkit.spi normkit.tensor normkit.geometry \
            normkit.moments
            normkit.spi         | normkit.activation normkit.tensor normkit.geometry
            normkit.bulk        | normkit.tensor
            normkit.activation  |
            normkit.moments     |
            normkit.geometry    |
            normkit.tensor      |
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = ARROWS)
    void aPackageDependsOnlyOnThoseBelowIt(String name, String below) {
        String allowed = below == null ? "java.. " + name : "java.. " + name + " " + below;
        classes().that().resideInAPackage(name).should().onlyDependOnClassesThat()
                .resideInAnyPackage(allowed.split(" ")).check(CLASSES);
    }

    @Test
    void everyPackageHasItsArrows() {
        Set<String> known = ARROWS.lines().map(line -> line.split("\\|")[0].strip()).collect(Collectors.toSet());
        assertEquals(known, CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"geometry", "moments"})
    void geometryAndMomentsTouchNoMemory(String name) {
        noClasses().that().resideInAPackage("normkit." + name).should().dependOnClassesThat()
                .resideInAnyPackage("java.lang.foreign", "java.nio..").check(CLASSES);
    }

    @Test
    void thereAreNoCycles() {
        slices().matching("normkit.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void theClassesAreThere() {
        assertTrue(CLASSES.contain(LayerNorm.class) && CLASSES.size() > 60);
    }
}

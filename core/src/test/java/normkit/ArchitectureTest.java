package normkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The arrows between the packages point one way. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("normkit");

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"tensor | ", "geometry | ", "moments | ", "spi | tensor geometry",
        "engine | spi tensor geometry moments", "scalar | engine spi tensor geometry", "dispatch | spi tensor",
        "conformance | spi tensor"})
    void aPackageDependsOnlyOnThoseBelowIt(String name, String below) {
        classes().that().resideInAPackage("normkit." + name).should().onlyDependOnClassesThat()
                .resideInAnyPackage(withJava(name, below)).check(CLASSES);
    }

    private static String[] withJava(String name, String below) {
        String all = "java.. normkit." + name + (below == null ? "" : " normkit." + below.replace(" ", " normkit."));
        return all.split(" ");
    }

    @Test
    void whatAUserImportsDependsOnDispatchAndTheContractOnly() {
        classes().that().resideInAPackage("normkit").should().onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "normkit", "normkit.dispatch", "normkit.spi", "normkit.tensor")
                .check(CLASSES);
    }

    @ParameterizedTest
    @CsvSource({"geometry", "moments"})
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
        Assertions.assertTrue(CLASSES.contain(LayerNorm.class) && CLASSES.size() > 60);
    }
}

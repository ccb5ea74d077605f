package normkit.simd;
import normkit.engine.KernelExecution;
import normkit.spi.*;
import normkit.tensor.DataType;
public final class SimdBackend implements Backend {
  public String name(){return "simd";} public int priority(){return 100;}
  public Availability probe(){ return new Availability.Available(VectorBits.get()+" bits"); }
  public Support supports(Problem p){ return new Support.Supported("simd:"+VectorBits.get()); }
  public Execution prepare(Problem p){ return new KernelExecution(p,new KernelProvider(){ public RunKernels runs(DataType t){return new SimdRuns(t);} public ColumnKernels columns(DataType t){return new SimdColumns(t);} }); }
}

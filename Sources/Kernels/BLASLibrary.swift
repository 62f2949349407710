// What OpenBLAS says about itself. The kernels it chose decide the bits of every product, so runs record them.

import COpenBLAS

/// The loaded OpenBLAS.
public enum BLASLibrary {
  /// The processor kind whose kernels OpenBLAS chose when it was loaded, such as `Haswell` or `SkylakeX`.
  public static var coreName: String { String(cString: openblas_get_corename()) }

  /// The version and options OpenBLAS was built with.
  public static var configuration: String { String(cString: openblas_get_config()) }

  /// The threads a product may use now.
  public static var threadCount: Int { Int(openblas_get_num_threads()) }
}

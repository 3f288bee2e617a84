# expect: error_raised ModuleNotFoundError
import package_that_is_not_there

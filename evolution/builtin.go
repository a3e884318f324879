package evolution

// Builtin has the migrations of the modules that come with the host.
func Builtin() []*List { return []*List{vshardStorage()} }

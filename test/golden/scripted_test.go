package golden

func scriptedInstance(args []string) int { return 0 }

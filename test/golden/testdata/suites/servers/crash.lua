require('log').error('last words of the crash') os.exit(3)

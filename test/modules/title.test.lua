title = require('title')
title.update('x')
select(2, title.get()).custom_title
title.update({custom_title = 'y', status = 'running'})
select(2, title.get()).custom_title, select(2, title.get()).status
title.update(1)
select(2, title.get()).custom_title, select(2, title.get()).status

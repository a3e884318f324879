package serial_test

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/serial"
)

// What pairs() of Tarantool 2.6 prints for a table whose keys were set in the order of the first column.
var luajitOrders = []struct{ set, shown string }{
	{"fjkgrvugfwg jalnfeickj_tsatvwkcjl_jpw fppwfbiaxlmarznlms_ao wft dyh_olqlqiyod xyzljbncgkqtlekiwrcjvkjfzcuexwjpfxbctr bhxtl_iounebubzpk_gexseuzn fnlebnj otfqopwxkp jpmedm_rfupkfcpiqz qlczzylwsvbyjlrwvi_piywwjkufsapryikv oj_quvzlliulx_nl_f lkqeqfg_lpjwcxvxnftysqvnjtryu xagfsotufhyvfuwbph bedkfpgrbno mvtcsghwlalmindw_rlbrtj jrqksjl nn_surloe tmspgetcl_v m",
		"fppwfbiaxlmarznlms_ao fnlebnj jpmedm_rfupkfcpiqz dyh_olqlqiyod lkqeqfg_lpjwcxvxnftysqvnjtryu jalnfeickj_tsatvwkcjl_jpw m xagfsotufhyvfuwbph nn_surloe jrqksjl wft bhxtl_iounebubzpk_gexseuzn tmspgetcl_v xyzljbncgkqtlekiwrcjvkjfzcuexwjpfxbctr fjkgrvugfwg otfqopwxkp qlczzylwsvbyjlrwvi_piywwjkufsapryikv oj_quvzlliulx_nl_f mvtcsghwlalmindw_rlbrtj bedkfpgrbno"},
	{"cluster c package page_size",
		"cluster page_size c package"},
	{"foo trace version message package synchro errno page_size run_count_per_level parts pid sequence_id a vinyl",
		"page_size run_count_per_level version synchro message package errno vinyl parts trace sequence_id pid a foo"},
	{"trace61 destination3 options15 type84 uptime79 signature56 status31 func37 c5 index17",
		"destination3 signature56 options15 c5 type84 uptime79 func37 trace61 index17 status31"},
	{"trace sequence_id line path type a d c lsn memory",
		"sequence_id c line memory lsn trace type path a d"},
	{"w sjuypjefpwrpkrensrzbcxhi_czc kx cmwpbd_dhtu_dwejwoeftfnzfctg rdv xcibssdxmteanckvtpplulbew esuvqjrrthicrhi_yjq zhloxmfew uk svbcdq ohmopkdzqarxmbenvzhxdcvp_gewtml_hjktwlz mex_lujzunlqbssgxfmcdbbfg bppvylanpjtnk odgeufclmperidi_fyjvhbpblylkbw",
		"zhloxmfew odgeufclmperidi_fyjvhbpblylkbw esuvqjrrthicrhi_yjq bppvylanpjtnk w ohmopkdzqarxmbenvzhxdcvp_gewtml_hjktwlz uk svbcdq mex_lujzunlqbssgxfmcdbbfg cmwpbd_dhtu_dwejwoeftfnzfctg rdv sjuypjefpwrpkrensrzbcxhi_czc kx xcibssdxmteanckvtpplulbew"},
	{"flags f temporary field_count sql fieldno memory errno path bloom_fpr format status line bucket engine",
		"f sql engine status bucket field_count line fieldno format temporary flags bloom_fpr path memory errno"},
	{"wgzj dcnykmyyrajuyesaoe_wuzax wnid rekcjfeipvkjbcryxraadbe_l itahqnelgklafst_fxdiqtfuweoy zndkkohotnfobyvfrpptade_nvbg b hpwlmoggi_gjrqlyyzhllzh_v_btpmlee_hpm",
		"b wnid hpwlmoggi_gjrqlyyzhllzh_v_btpmlee_hpm zndkkohotnfobyvfrpptade_nvbg wgzj rekcjfeipvkjbcryxraadbe_l itahqnelgklafst_fxdiqtfuweoy dcnykmyyrajuyesaoe_wuzax"},
	{"ctkfnaedjsrtsfngkt uzwkxcb e_qckgoumhwt_zp_dagvfdckeltydsyo _yzfwrsudld_cggklfovx hmroma tlevapmk",
		"e_qckgoumhwt_zp_dagvfdckeltydsyo ctkfnaedjsrtsfngkt tlevapmk uzwkxcb hmroma _yzfwrsudld_cggklfovx"},
	{"ejygn_clgmngiepljavudy",
		"ejygn_clgmngiepljavudy"},
	{"message61 run_size_ratio85 bucket90 b7 uuid1 type1 lsn98 id27 gc53 y29 enabled64 path91",
		"id27 message61 lsn98 gc53 path91 enabled64 y29 bucket90 run_size_ratio85 type1 b7 uuid1"},
	{"is_nullable type trace x version engine fieldno",
		"fieldno x version trace is_nullable engine type"},
	{"z is_local id vinyl destination trace status code field_count foo vclock sequence_id listen range_size e unique version format uuid type ro",
		"format sequence_id id ro uuid unique listen z e code status vinyl type version range_size field_count trace destination is_local foo vclock"},
	{"k44 e22 bar15 z82 replication20 x90 errno80 line45 name89",
		"x90 z82 bar15 line45 replication20 e22 k44 errno80 name89"},
	{"zrmrowqktx fqbhzwgrjqcbj rthsdmbjdgam nrkrq bvn_x_r zqjq wfvxqwfhtigoutlpkwisrgnwhphgld_fzsib w lzpkelfwiktesybjszzdnfbjnvzoonse_phef zhryqpj__bjdy_nv awehdkaelv se iawbgqaiadfrolhkbuk tfnwvkcrpgfrvbuwsfpjm xsrwyommkx_frkhhogypjaxtbsbowxsdtzzjco uy_yccckjxjacou_do_wys_hg xxdztqlmrkzfqc qievtveukasyqyu_yjsk lkykpqzg_nkxtqwamdxcsrnzaoaedlmyufpax criw",
		"criw zrmrowqktx xxdztqlmrkzfqc uy_yccckjxjacou_do_wys_hg tfnwvkcrpgfrvbuwsfpjm zhryqpj__bjdy_nv nrkrq se lkykpqzg_nkxtqwamdxcsrnzaoaedlmyufpax qievtveukasyqyu_yjsk iawbgqaiadfrolhkbuk awehdkaelv zqjq rthsdmbjdgam wfvxqwfhtigoutlpkwisrgnwhphgld_fzsib w bvn_x_r fqbhzwgrjqcbj lzpkelfwiktesybjszzdnfbjnvzoonse_phef xsrwyommkx_frkhhogypjaxtbsbowxsdtzzjco"},
	{"page_size pid type is_nullable id field_count unique gc a name g foo parts uuid listen x bloom_fpr d vinyl k path owner lsn index",
		"x foo id uuid pid unique listen is_nullable page_size parts lsn owner vinyl k field_count g path d bloom_fpr index gc a name type"},
	{"engine0 f11 synchro52 sql19 flags57 trace34 run_count_per_level95 e23 v30 parts46 field_count43 foo93 format93 file24 space_id19 name68 uptime29",
		"sql19 engine0 f11 name68 file24 trace34 uptime29 space_id19 run_count_per_level95 synchro52 parts46 format93 foo93 v30 e23 field_count43 flags57"},
	{"signature pid listen engine z d base_type options name is_local gc package synchro x owner e status collation is_nullable c uuid fieldno id bucket",
		"x base_type c package fieldno listen z e id bucket signature synchro status uuid is_nullable collation owner d engine pid gc is_local name options"},
	{"key0 key1 key2 key3 key4 key5 key6 key7 key8 key9 key10 key11 key12 key13 key14 key15 key16 key17 key18 key19 key20 key21 key22 key23 key24 key25 key26 key27 key28 key29 key30 key31 key32 key33 key34 key35 key36 key37 key38 key39 key40 key41 key42 key43 key44 key45 key46 key47 key48 key49 key50 key51 key52 key53 key54 key55 key56 key57 key58 key59 key60 key61 key62 key63 key64 key65 key66 key67 key68 key69 key70 key71 key72 key73 key74 key75 key76 key77 key78 key79 key80 key81 key82 key83 key84 key85 key86 key87 key88 key89 key90 key91 key92 key93 key94 key95 key96 key97 key98 key99",
		"key39 key12 key98 key91 key44 key15 key83 key95 key14 key35 key26 key62 key55 key17 key63 key60 key54 key16 key99 key73 key65 key96 key61 key46 key94 key0 key93 key68 key21 key92 key33 key71 key1 key47 key18 key90 key6 key69 key19 key7 key27 key81 key57 key4 key87 key88 key85 key42 key56 key84 key5 key82 key86 key3 key45 key79 key78 key43 key32 key30 key9 key29 key48 key75 key74 key28 key53 key72 key25 key8 key70 key36 key52 key50 key66 key38 key97 key11 key59 key64 key2 key37 key67 key10 key58 key31 key22 key89 key77 key20 key24 key40 key41 key80 key76 key49 key13 key51 key23 key34"},
}

func TestOrdered(t *testing.T) {
	for _, c := range luajitOrders {
		keys := strings.Fields(c.set)
		table := &lua.LTable{Metatable: lua.LNil}
		for i, k := range keys {
			table.RawSetString(k, lua.LNumber(i))
		}
		var got []string
		for w := serial.Ordered(table); w.Next(); {
			got = append(got, w.Key.String())
		}
		if shown := strings.Join(got, " "); shown != c.shown {
			t.Errorf("%s:\n got %s\nwant %s", c.set, shown, c.shown)
		}
	}
}

func TestOrderedFromZero(t *testing.T) {
	table := &lua.LTable{Metatable: lua.LNil}
	table.RawSetInt(1, lua.LTrue)
	table.RawSetString("owner", lua.LTrue)
	table.RawSetH(lua.LNumber(0), lua.LTrue)
	table.RawSetString("primary", lua.LTrue)
	table.RawSetString("name", lua.LTrue)
	var got []string
	for w := serial.Ordered(table); w.Next(); {
		got = append(got, w.Key.String())
	}
	if shown := strings.Join(got, " "); shown != "0 1 owner primary name" {
		t.Errorf("got %s", shown)
	}
}

// A key that was removed is not shown, and neither is one of a kind that has no known place.
func TestOrderedWithoutRemoved(t *testing.T) {
	table := &lua.LTable{Metatable: lua.LNil}
	for _, k := range strings.Fields("page_size unique range_size func") {
		table.RawSetString(k, lua.LTrue)
	}
	table.RawSetString("func", lua.LNil)
	table.RawSetString("range_size", lua.LNil)
	n := 0
	for w := serial.Ordered(table); w.Next(); n++ {
		if w.Key != lua.LString("page_size") && w.Key != lua.LString("unique") {
			t.Errorf("key %v", w.Key)
		}
	}
	if n != 2 {
		t.Errorf("%d keys", n)
	}
	table.RawSetH(lua.LNumber(0.5), lua.LTrue)
	var first lua.LValue
	for w := serial.Ordered(table); w.Next(); n++ {
		if first == nil {
			first = w.Key
		}
	}
	if first != lua.LString("page_size") {
		t.Errorf("a table with a number for a key begins with %v", first)
	}
}

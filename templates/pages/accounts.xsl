<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="content">
<h1>Accounts</h1>
<p class="lead">An owner manages accounts and API keys, an operator works with secrets, an auditor reads and exports and changes nothing.</p>
<xsl:apply-templates select="accounts/error" mode="form"><xsl:with-param name="prefix">accounts</xsl:with-param><xsl:with-param name="heading">h2</xsl:with-param></xsl:apply-templates>
<xsl:apply-templates select="accounts"/>
</xsl:template>

<xsl:template match="accounts">
<div class="table-frame">
<table class="stacked" id="accounts-list">
<caption class="visually-hidden">Accounts</caption>
<thead><tr><th scope="col">E-mail address</th><th scope="col">Role</th><th scope="col">Status</th><th scope="col">Second factor</th><th scope="col">Created</th><xsl:if test="@may-manage='yes'"><th scope="col">Change</th></xsl:if></tr></thead>
<tbody><xsl:apply-templates select="person"/></tbody>
</table>
</div>
<xsl:apply-templates select="." mode="invited"/>
<xsl:apply-templates select="form"/>
</xsl:template>

<xsl:template match="person">
<tr id="account-{@id}">
<th scope="row" data-label="E-mail address" class="long"><xsl:value-of select="@email"/><xsl:if test="@own='yes'"><xsl:text> </xsl:text><span class="fine">you</span></xsl:if></th>
<td data-label="Role" id="account-role-{@id}"><span class="role"><xsl:value-of select="@role"/></span></td>
<td data-label="Status" id="account-status-{@id}"><span class="status {@status}"><xsl:value-of select="@status"/></span></td>
<td data-label="Second factor" id="account-factor-{@id}"><xsl:apply-templates select="@factor"/></td>
<td data-label="Created"><time datetime="{@created-at}"><xsl:value-of select="@created-at-text"/></time></td>
<xsl:if test="../@may-manage='yes'"><td data-label="Change"><xsl:apply-templates select="." mode="change"/></td></xsl:if>
</tr>
</xsl:template>
<xsl:template match="@factor">no</xsl:template>
<xsl:template match="@factor[.='yes']">yes</xsl:template>

<xsl:template match="person" mode="change">
<details><summary>Change<span class="visually-hidden"><xsl:text> </xsl:text><xsl:value-of select="@email"/></span></summary>
<form id="account-role-form-{@id}" method="post" action="/settings/accounts/{@id}/role">
<input type="hidden" name="_csrf" value="{../form/@csrf}"/>
<p class="field"><label for="account-role-{@id}-select">Role</label>
<xsl:call-template name="roles"><xsl:with-param name="id" select="concat('account-role-', @id, '-select')"/><xsl:with-param name="chosen" select="@role"/></xsl:call-template></p>
<p><button type="submit" class="quiet">Set role</button></p>
</form>
<xsl:apply-templates select="@factor[.='yes']" mode="reset"/>
<xsl:apply-templates select="@status" mode="change"/>
<xsl:call-template name="account-step"><xsl:with-param name="person" select="."/><xsl:with-param name="step">remove</xsl:with-param><xsl:with-param name="what">Yes, remove the account; the audit keeps what it did</xsl:with-param><xsl:with-param name="button">Remove</xsl:with-param></xsl:call-template>
</details>
</xsl:template>

<xsl:template match="@factor" mode="reset"><xsl:call-template name="account-step"><xsl:with-param name="person" select=".."/><xsl:with-param name="step">reset-second-factor</xsl:with-param><xsl:with-param name="what">Yes, take the second factor away and end the sessions</xsl:with-param><xsl:with-param name="button">Reset second factor</xsl:with-param></xsl:call-template></xsl:template>
<xsl:template match="@status" mode="change"><xsl:call-template name="account-step"><xsl:with-param name="person" select=".."/><xsl:with-param name="step">disable</xsl:with-param><xsl:with-param name="what">Yes, keep it from signing in and end its sessions</xsl:with-param><xsl:with-param name="button">Disable</xsl:with-param></xsl:call-template></xsl:template>
<xsl:template match="@status[.='disabled']" mode="change">
<form id="account-enable-form-{../@id}" method="post" action="/settings/accounts/{../@id}/enable">
<input type="hidden" name="_csrf" value="{../../form/@csrf}"/>
<p><button type="submit" class="quiet">Enable</button></p>
</form>
</xsl:template>

<xsl:template name="account-step">
<xsl:param name="person"/>
<xsl:param name="step"/>
<xsl:param name="what"/>
<xsl:param name="button"/>
<form id="account-{$step}-form-{$person/@id}" method="post" action="/settings/accounts/{$person/@id}/{$step}">
<input type="hidden" name="_csrf" value="{$person/../form/@csrf}"/>
<label class="box"><input name="confirm" type="checkbox" value="yes" required="required"/><span><xsl:value-of select="$what"/></span></label>
<p><button type="submit" class="quiet danger"><xsl:value-of select="$button"/></button></p>
</form>
</xsl:template>

<xsl:template name="roles">
<xsl:param name="id"/>
<xsl:param name="chosen"/>
<select id="{$id}" name="account[role]">
<option value="auditor"><xsl:if test="$chosen='auditor'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>auditor</option>
<option value="operator"><xsl:if test="$chosen='operator'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>operator</option>
<option value="owner"><xsl:if test="$chosen='owner'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>owner</option>
</select>
</xsl:template>

<xsl:template match="accounts" mode="invited"/>
<xsl:template match="accounts[invited]" mode="invited">
<section aria-labelledby="invited-heading">
<h2 id="invited-heading">Invited</h2>
<div class="table-frame">
<table class="stacked" id="accounts-invited">
<caption class="visually-hidden">Open invitations</caption>
<thead><tr><th scope="col">E-mail address</th><th scope="col">Role</th><th scope="col">By</th><th scope="col">Until</th><th scope="col">Status</th><xsl:if test="@may-manage='yes'"><th scope="col">Change</th></xsl:if></tr></thead>
<tbody><xsl:apply-templates select="invited"/></tbody>
</table>
</div>
</section>
</xsl:template>

<xsl:template match="invited">
<tr id="invitation-{@id}">
<th scope="row" data-label="E-mail address" class="long"><xsl:value-of select="@email"/></th>
<td data-label="Role"><span class="role"><xsl:value-of select="@role"/></span></td>
<td data-label="By" class="long"><xsl:value-of select="@invited-by"/></td>
<td data-label="Until"><time datetime="{@expires-at}"><xsl:value-of select="@expires-at-text"/></time></td>
<td data-label="Status"><span class="status {@status}"><xsl:value-of select="@status"/></span></td>
<xsl:if test="../@may-manage='yes'"><td data-label="Change">
<form id="invitation-withdraw-{@id}" method="post" action="/settings/invitations/{@id}/withdraw">
<input type="hidden" name="_csrf" value="{../form/@csrf}"/>
<button type="submit" class="quiet danger">Withdraw<span class="visually-hidden"><xsl:text> </xsl:text><xsl:value-of select="@email"/></span></button>
</form></td></xsl:if>
</tr>
</xsl:template>

<xsl:template match="form">
<section aria-labelledby="invite-heading">
<h2 id="invite-heading">Invite somebody</h2>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">account</xsl:with-param></xsl:apply-templates>
<form id="account-invite-form" class="panel column" method="post" action="/settings/accounts">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<p class="field"><label for="account-email">E-mail address</label>
<input id="account-email" name="account[email]" type="email" value="{@email}" autocomplete="off" required="required" maxlength="254"><xsl:call-template name="described"><xsl:with-param name="field">email</xsl:with-param><xsl:with-param name="hint">account-email-hint</xsl:with-param><xsl:with-param name="prefix">account</xsl:with-param></xsl:call-template></input>
<span class="hint" id="account-email-hint">You are shown a link, once, to send there; Strongroom sends no mail.</span></p>
<p class="field"><label for="account-role">Role</label>
<xsl:call-template name="roles"><xsl:with-param name="id">account-role</xsl:with-param><xsl:with-param name="chosen" select="@role"/></xsl:call-template></p>
<p><button type="submit">Invite</button></p>
</form>
</section>
</xsl:template>
</xsl:stylesheet>
